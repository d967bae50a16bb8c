-- A value that does not fit a column which no pump reads is no error: decided.
-- Source: decisions.md, Input and errors
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001";
