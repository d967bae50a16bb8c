-- A time plus and minus an interval; the difference of two times compared with one.
-- Source: REF:sql-reference-date-timestamp-interval
CREATE OR REPLACE STREAM DEST (A TIMESTAMP, B TIMESTAMP, C BOOLEAN);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T + INTERVAL '90' MINUTE, T - INTERVAL '1' DAY, (T - TIMESTAMP '2026-02-03 04:00:00') MINUTE > INTERVAL '5' MINUTE FROM "SOURCE_SQL_STREAM_001";
