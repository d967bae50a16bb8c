-- Each group is a column; the groups are greedy. A line that does not fit has NULL in all of them.
-- Source: REF:sql-reference-regex-log-parse; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (LINE VARCHAR(40), A VARCHAR(40), B VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.LINE, T.REC.COLUMN1, T.REC.COLUMN2 FROM (SELECT STREAM V AS LINE, REGEX_LOG_PARSE(V, '(\w.+) (\d+)') AS REC FROM "SOURCE_SQL_STREAM_001") AS T;
