-- The two items of a minute that occur most, the first of them first; ROWTIME is the end of the window.
-- Source: DG:examples-window-topkitems.md; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (ITEM VARCHAR(1024), ITEM_COUNT DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM ITEM, ITEM_COUNT FROM TABLE(TOP_K_ITEMS_TUMBLING(CURSOR(SELECT STREAM * FROM "SOURCE_SQL_STREAM_001"), 'K', 2, 60));
