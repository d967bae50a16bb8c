-- A number in ORDER BY is the item at that place: the second, the sum, from the largest on.
-- Source: decisions.md, Joins, unions and order
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), TOTAL BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, SUM(N) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY K, FLOOR(s.ROWTIME TO MINUTE) ORDER BY FLOOR(s.ROWTIME TO MINUTE), 2 DESC;
