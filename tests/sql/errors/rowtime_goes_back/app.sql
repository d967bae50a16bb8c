-- AS ROWTIME: a row whose time goes back goes to error_stream.
-- Source: DG:error-handling.md; REF:sql-reference-rowtime
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N, T AS ROWTIME FROM "SOURCE_SQL_STREAM_001";
