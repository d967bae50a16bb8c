-- NULL is no item, and a window of nothing else puts out nothing; numbers count by value.
-- Source: REF:count-distinct-items; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (ITEMS BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM * FROM TABLE(COUNT_DISTINCT_ITEMS_TUMBLING(CURSOR(SELECT STREAM X FROM "SOURCE_SQL_STREAM_001"), 'X', 10));
