-- The first example: what has a fixed length after a group ends the search of the group.
-- Source: REF:sql-reference-fast-regex-log-parser; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (A VARCHAR(40), B VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.REC.COLUMN1, T.REC.COLUMN2 FROM (SELECT STREAM FAST_REGEX_LOG_PARSE(V, '(.*)_(._.*)_.*') AS REC FROM "SOURCE_SQL_STREAM_001") AS T;
