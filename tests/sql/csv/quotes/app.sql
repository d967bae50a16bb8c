-- A field in quotes may hold delimiters; two quotes are one; blanks before and after do not count.
-- Source: API_CSVMappingParameters; docs/sql/input.md
CREATE OR REPLACE STREAM DEST (NAME VARCHAR(20), ADDRESS VARCHAR(20));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM NAME, ADDRESS FROM "SOURCE_SQL_STREAM_001";
