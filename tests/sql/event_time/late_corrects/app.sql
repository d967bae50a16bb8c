-- A late row corrects the row of its window, for as long as the window is kept.
-- Source: docs/semantics.md
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), TOTAL INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, SUM(N) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY K, STEP(s.ROWTIME BY INTERVAL '10' SECOND);
