-- NULL is the smallest value; rows that are equal in all stay in the order in which they came.
-- Source: REF:sql-reference-order-by-clause; decisions.md, Joins, unions and order
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, N FROM "SOURCE_SQL_STREAM_001" AS s ORDER BY STEP(s.ROWTIME BY INTERVAL '10' SECOND), K, N DESC;
