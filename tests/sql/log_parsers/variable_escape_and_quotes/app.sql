-- A delimiter after the escape, or between quotes, is a part of the field.
-- Source: REF:sql-reference-variable-column-log-parse; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (A VARCHAR(8), B VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.R.A, T.R.B FROM (SELECT STREAM VARIABLE_COLUMN_LOG_PARSE(V, 'A TYPE VARCHAR(8), B TYPE VARCHAR(8)', ',', '\', '<>') AS R FROM "SOURCE_SQL_STREAM_001") AS T;
