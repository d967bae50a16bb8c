-- All matches from the first character on, or the n-th one.
-- Source: REF:sql-reference-regex-replace
CREATE OR REPLACE STREAM DEST (A VARCHAR(40), B VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM REGEX_REPLACE(V, '[0-9]+', '#', 1, 0), REGEX_REPLACE(V, '[0-9]+', '#', 1, 2) FROM "SOURCE_SQL_STREAM_001";
