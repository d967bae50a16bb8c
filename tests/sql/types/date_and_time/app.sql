-- DATE and TIME columns from their text.
-- Source: DG:sch-mapping.md; decisions.md, Text, times, NULL
CREATE OR REPLACE STREAM DEST (A DATE, B TIME);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM A, B FROM "SOURCE_SQL_STREAM_001";
