-- SUM / COUNT of integers is an integer: the reference's example is 154 / 4 = 38.
-- Source: REF:sql-reference-aggregate-functions
CREATE OR REPLACE STREAM DEST (A BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM SUM(N) / COUNT(N) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY FLOOR(s.ROWTIME TO MINUTE);
