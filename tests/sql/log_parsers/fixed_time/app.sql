-- A time with a pattern, as SimpleDateFormat has it; one that does not fit it loses its row.
-- Source: REF:sql-reference-fixed-column-log-parse; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (AT TIMESTAMP, ON_DAY DATE, REST VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T.R.AT, T.R.ON_DAY, T.R.REST FROM (SELECT STREAM FIXED_COLUMN_LOG_PARSE(V,
  'at TYPE TIMESTAMP ''dd/MMM/yyyy:HH:mm:ss'' NOT NULL START 0 FOR 20, on_day TYPE DATE ''dd/MMM/yyyy'' START 0 FOR 11, rest START 21') AS R
  FROM "SOURCE_SQL_STREAM_001") AS T;
