-- Ranked upwards, put out downwards, two rows at most.
-- Source: REF:sql-reference-group-rank-udx; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), PLACE INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, PLACE FROM TABLE(GROUP_RANK(CURSOR(SELECT STREAM K, MAX(N) AS N FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY K, STEP(s.ROWTIME BY INTERVAL '10' SECOND)), 'K', 'PLACE', 'asc', 'desc', 10, 2)) AS T;
