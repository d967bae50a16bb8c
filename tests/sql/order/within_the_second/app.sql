-- ORDER BY holds rows until their second is over, and puts them out in order, with the end of the second as their ROWTIME.
-- Source: REF:sql-reference-order-by-clause; decisions.md, Joins, unions and order
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N INTEGER, AT_ TIMESTAMP);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, N, s.ROWTIME FROM "SOURCE_SQL_STREAM_001" AS s ORDER BY FLOOR(s.ROWTIME TO SECOND), N DESC;
