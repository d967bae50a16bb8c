-- Rounded to the nearest, halves away from zero.
-- Source: REF:sql-reference-cast; decisions.md, Numbers
CREATE OR REPLACE STREAM DEST (A SMALLINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM X FROM "SOURCE_SQL_STREAM_001";
