-- A second time key on a column of the input: what comes late makes a partial result of its own in the next window.
-- Source: DG:examples-window-partialresults.md
CREATE OR REPLACE STREAM DEST (EVENT TIMESTAMP, ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM STEP(s.T BY INTERVAL '60' SECOND), COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY STEP(s.T BY INTERVAL '60' SECOND), STEP(s.ROWTIME BY INTERVAL '60' SECOND);
