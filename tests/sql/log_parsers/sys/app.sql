-- A line of syslog: its time, in 1970, as no year is in it, and the text behind it.
-- Source: REF:sql-reference-sys-log-parse; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (AT TIMESTAMP, MESSAGE VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.R.COLUMN1, T.R.COLUMN2 FROM (SELECT STREAM SYS_LOG_PARSE(V) AS R FROM "SOURCE_SQL_STREAM_001") AS T;
