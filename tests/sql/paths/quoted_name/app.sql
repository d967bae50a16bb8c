-- A name in brackets and quotes may hold anything else.
-- Source: docs/sql/input.md
CREATE OR REPLACE STREAM DEST (A INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM A FROM "SOURCE_SQL_STREAM_001";
