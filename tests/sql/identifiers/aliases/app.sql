-- A stream's alias and its name before a column; AS may be left out.
-- Source: REF:sql-reference-identifiers
CREATE OR REPLACE STREAM DEST (A INTEGER, B VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM src.N, src.K FROM "SOURCE_SQL_STREAM_001" src;
