-- A field that is not there: the row does not conform to the schema.
-- Source: DG:error-handling.md; docs/sql/input.md
CREATE OR REPLACE STREAM DEST (NAME VARCHAR(8), N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM NAME, N FROM "SOURCE_SQL_STREAM_001";
