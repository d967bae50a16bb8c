-- An aggregate's argument and what is made of aggregates are expressions.
-- Source: REF:sql-reference-aggregate-functions
CREATE OR REPLACE STREAM DEST (A BIGINT, B BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM SUM(N * 2), MAX(N) - MIN(N) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY FLOOR(s.ROWTIME TO MINUTE);
