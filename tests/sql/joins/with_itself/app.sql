-- A stream can be joined with itself: each row with the others of the last 5 seconds, and itself.
-- Source: REF:sql-reference-join-clause
CREATE OR REPLACE STREAM DEST (N INTEGER, BEFORE_ INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM y.N, x.N FROM "SOURCE_SQL_STREAM_001" OVER (RANGE INTERVAL '5' SECOND PRECEDING) AS x JOIN "SOURCE_SQL_STREAM_001" AS y ON x.K = y.K WHERE x.N < y.N;
