-- A record on one side of a join, found by the name of its query and by its own.
-- Source: REF:sql-reference-regex-log-parse; REF:sql-reference-join-clause
CREATE OR REPLACE STREAM DEST (A VARCHAR(8), N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.R.COLUMN1, b.N FROM (SELECT STREAM REGEX_LOG_PARSE(V, '(\w+)=(\w+)') AS R FROM "SOURCE_SQL_STREAM_001" WHERE V IS NOT NULL) AS T JOIN "SOURCE_SQL_STREAM_001" OVER (RANGE INTERVAL '10' SECOND PRECEDING) AS b ON b.K = R.COLUMN2;
