-- The first group ends at the first blank that is followed by the text behind it, and is never made longer.
-- Source: REF:sql-reference-fast-regex-log-parser; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (A VARCHAR(40), B VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.REC.COLUMN1, T.REC.COLUMN2 FROM (SELECT STREAM FAST_REGEX_LOG_PARSE(V, '(.*)=([0-9]*)') AS REC FROM "SOURCE_SQL_STREAM_001") AS T;
