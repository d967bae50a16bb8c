-- NULL in a NOT NULL column: that row goes to error_stream, the others go on.
-- Source: REF:sql-reference-create-stream; DG:error-handling.md
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N INTEGER NOT NULL);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, N FROM "SOURCE_SQL_STREAM_001";
