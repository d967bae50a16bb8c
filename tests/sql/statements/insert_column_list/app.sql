-- A column list takes the items by position; the columns it leaves out are NULL.
-- Source: REF:sql-reference-insert
CREATE OR REPLACE STREAM DEST (A VARCHAR(8), B INTEGER, C DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST (B, A) SELECT STREAM N, K FROM "SOURCE_SQL_STREAM_001";
