-- And back to text; NULL gives the text 'null'.
-- Source: REF:sql-reference-timestamp-to-char
CREATE OR REPLACE STREAM DEST (A VARCHAR(30));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM TIMESTAMP_TO_CHAR('hh:mm a, MMM d yyyy', T) FROM "SOURCE_SQL_STREAM_001";
