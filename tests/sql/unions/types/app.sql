-- Columns have the type that holds those of all queries: an INTEGER beside a DOUBLE is a DOUBLE, NULL takes the type of the others.
-- Source: decisions.md, Joins, unions and order
CREATE OR REPLACE STREAM DEST (X DOUBLE, N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N, NULL FROM "SOURCE_SQL_STREAM_001" WHERE V = 'a' UNION ALL SELECT STREAM X, N FROM "SOURCE_SQL_STREAM_001" WHERE V = 'b';
