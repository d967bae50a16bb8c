-- Groups take as little as they can, and the whole line has to fit.
-- Source: REF:sql-reference-fast-regex-log-parser; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (A VARCHAR(40), B VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.REC.COLUMN1, T.REC.COLUMN2 FROM (SELECT STREAM FAST_REGEX_LOG_PARSER(V, '(.*) (.*)') AS REC FROM "SOURCE_SQL_STREAM_001") AS T;
