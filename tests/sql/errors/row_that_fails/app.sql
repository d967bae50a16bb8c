-- The row as JSON in hexadecimal, with the columns that the pump reads, and the pump's name.
-- Source: DG:error-handling.md; decisions.md, Input and errors
CREATE OR REPLACE STREAM DEST (A INTEGER);
CREATE OR REPLACE PUMP DIVIDES AS INSERT INTO DEST
SELECT STREAM 1 / N FROM "SOURCE_SQL_STREAM_001";
