-- ORDER BY s.ROWTIME alone leaves the rows as they are: that is their order.
-- Source: REF:sql-reference-order-by-clause
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001" AS s ORDER BY s.ROWTIME;
