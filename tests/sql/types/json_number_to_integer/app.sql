-- 123.4 and a number out of range are coercion errors; 5.0 is an integer.
-- Source: DG:sch-mapping.md
CREATE OR REPLACE STREAM DEST (A SMALLINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM A FROM "SOURCE_SQL_STREAM_001";
