-- The item is what the query in CURSOR calls so; a window in which nothing passes WHERE puts out nothing.
-- Source: DG:examples-window-topkitems.md; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (AT TIMESTAMP, ITEM VARCHAR(1024));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM ROWTIME, T.ITEM FROM TABLE(TOP_K_ITEMS_TUMBLING(CURSOR(SELECT STREAM K || V AS "what" FROM "SOURCE_SQL_STREAM_001" WHERE N > 0), 'what', 1, 10)) T;
