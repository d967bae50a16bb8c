-- Windows of the idiom are counted from the time that it subtracts.
-- Source: REF:sql-reference-date-timestamp-interval; decisions.md, Time
CREATE OR REPLACE STREAM DEST (ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY FLOOR((s.ROWTIME - TIMESTAMP '1970-01-01 00:00:05') SECOND / 10 TO SECOND);
