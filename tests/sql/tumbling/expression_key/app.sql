-- A key may be an expression, and stand in the select list as such.
-- Source: REF:sql-reference-group-by-clause
CREATE OR REPLACE STREAM DEST (BUCKET INTEGER, ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N / 10, COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY N / 10, FLOOR(s.ROWTIME TO MINUTE);
