-- AVG of integers is an integer, cut toward zero: 8 / 3 is 2.
-- Source: REF:sql-reference-aggregate-functions; decisions.md, Numbers
CREATE OR REPLACE STREAM DEST (A INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM AVG(N) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY FLOOR(s.ROWTIME TO MINUTE);
