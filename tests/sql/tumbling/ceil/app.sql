-- CEIL: (00:00, 01:00] is one group, so the window is the minute one millisecond later.
-- Source: REF:sql-reference-select-all-distinct; decisions.md, Time
CREATE OR REPLACE STREAM DEST (ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY CEIL(s.ROWTIME TO MINUTE);
