-- The whole row of error_stream: times, level, name, hexadecimal bytes; no pump.
-- Source: DG:error-handling.md; decisions.md, Input and errors
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001";
