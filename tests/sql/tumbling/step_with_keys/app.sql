-- One row a group; the groups of a window in the order of their keys.
-- Source: REF:sql-reference-group-by-clause
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), TOTAL BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, SUM(N) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY K, STEP(s.ROWTIME BY INTERVAL '10' SECOND);
