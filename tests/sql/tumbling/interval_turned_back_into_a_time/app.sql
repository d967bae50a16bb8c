-- The interval since 1970 of a window, times its length and added to 1970, is the window's start.
-- Source: REF:sql-reference-date-timestamp-interval; decisions.md, Time
CREATE OR REPLACE STREAM DEST (AT_ TIMESTAMP, TOTAL BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM FLOOR((s.ROWTIME - TIMESTAMP '1970-01-01 00:00:00') SECOND / 20 TO SECOND) * 20
                + TIMESTAMP '1970-01-01 00:00:00', SUM(N)
FROM "SOURCE_SQL_STREAM_001" AS s
GROUP BY FLOOR((s.ROWTIME - TIMESTAMP '1970-01-01 00:00:00') SECOND / 20 TO SECOND) * 20
           + TIMESTAMP '1970-01-01 00:00:00';
