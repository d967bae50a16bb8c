-- A format of one's own: two specifiers and what stands between them.
-- Source: REF:sql-reference-w3c-log-parse; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (STATUS INTEGER, AGENT VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM CAST(T.R.COLUMN1 AS INTEGER), T.R.COLUMN2 FROM (SELECT STREAM W3C_LOG_PARSE(V, '%>s - "%[User-agent]i"') AS R FROM "SOURCE_SQL_STREAM_001") AS T WHERE T.R.COLUMN1 IS NOT NULL;
