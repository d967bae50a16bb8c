-- A text longer than its column: that row fails.
-- Source: REF:sql-reference-cast; decisions.md, Text, times, NULL
CREATE OR REPLACE STREAM DEST (A VARCHAR(3));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM V FROM "SOURCE_SQL_STREAM_001";
