-- The two forms of the guide, and a T with six digits of a second, as its example of times has it.
-- Source: DG:sch-mapping.md, DG:app-string-datetime-manipulation.md; decisions.md, Text, times, NULL
CREATE OR REPLACE STREAM DEST (A TIMESTAMP);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM A FROM "SOURCE_SQL_STREAM_001";
