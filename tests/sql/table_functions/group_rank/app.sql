-- The rows of one ROWTIME, here those of a window, by rank: equal values have one rank, and the next is left out. NULL is the smallest.
-- Source: REF:sql-reference-group-rank-udx; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N INTEGER, PLACE INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, N, "groupRank" FROM TABLE(GROUP_RANK(CURSOR(SELECT STREAM K, MAX(N) AS N FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY K, STEP(s.ROWTIME BY INTERVAL '10' SECOND)), 'N', 'groupRank', 'desc', 'asc', 0, 0));
