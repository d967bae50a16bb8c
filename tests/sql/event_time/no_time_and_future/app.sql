-- A row without an event time, or with one far ahead of its arrival, fails; one ahead does not make others late.
-- Source: docs/semantics.md
CREATE OR REPLACE STREAM DEST (ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY STEP(s.ROWTIME BY INTERVAL '10' SECOND);
