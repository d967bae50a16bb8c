-- The later minus the earlier in milliseconds, whichever comes first.
-- Source: REF:sql-reference-tsdiff; decisions.md, Text, times, NULL
CREATE OR REPLACE STREAM DEST (A BIGINT, B BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM TSDIFF(T, TIMESTAMP '2026-01-01 00:00:00'), TSDIFF(TIMESTAMP '2026-01-01 00:00:00', T) FROM "SOURCE_SQL_STREAM_001";
