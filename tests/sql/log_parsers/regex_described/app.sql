-- Columns that are described have their names and types; a value that its type cannot hold goes to the error stream.
-- Source: REF:sql-reference-regex-log-parse; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (NAME VARCHAR(8), NUMBER INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.R."name", T.R.N + 1 FROM (SELECT STREAM REGEX_LOG_PARSE(V, '(\S+)=(\S+)', '"name" TYPE VARCHAR(8), n INTEGER NOT NULL') AS R FROM "SOURCE_SQL_STREAM_001") AS T;
