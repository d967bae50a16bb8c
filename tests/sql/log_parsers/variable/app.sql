-- What stands between delimiters; fields that are missing are NULL, fields too many are left out.
-- Source: REF:sql-reference-variable-column-log-parse; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (A VARCHAR(8), B VARCHAR(8), C VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.R.COLUMN1, T.R.COLUMN2, T.R.COLUMN3 FROM (SELECT STREAM VARIABLE_COLUMN_LOG_PARSE(V, 3, ',') AS R FROM "SOURCE_SQL_STREAM_001") AS T;
