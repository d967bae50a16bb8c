-- Example A: the first underscore is taken, and is not given back.
-- Source: REF:sql-reference-fast-regex-log-parser; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (A VARCHAR(40), B VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.REC.COLUMN1, T.REC.COLUMN2 FROM (SELECT STREAM FAST_REGEX_LOG_PARSE(V, '(.*)_+(._.*)') AS REC FROM "SOURCE_SQL_STREAM_001") AS T;
