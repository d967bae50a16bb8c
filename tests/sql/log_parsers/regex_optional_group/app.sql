-- A group that took no part in the match is NULL; an empty one is an empty text.
-- Source: REF:sql-reference-regex-log-parse; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (A VARCHAR(8), B VARCHAR(8), C VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.R.COLUMN1, T.R.COLUMN2, R.COLUMN3 FROM (SELECT STREAM REGEX_LOG_PARSE(V, '^(a)|(b)(c*)$') AS R FROM "SOURCE_SQL_STREAM_001") T;
