-- An item that is a number is put out as text; NULL is no item.
-- Source: DG:examples-window-topkitems.md; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (ITEM VARCHAR(1024), ITEM_COUNT DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM * FROM TABLE(TOP_K_ITEMS_TUMBLING(CURSOR(SELECT STREAM N FROM "SOURCE_SQL_STREAM_001"), 'n', 5, 10));
