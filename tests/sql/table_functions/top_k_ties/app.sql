-- Of items that occur equally often those come first that are first in order; a window with fewer items puts out fewer rows.
-- Source: DG:examples-window-topkitems.md; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (ITEM VARCHAR(1024), ITEM_COUNT DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM * FROM TABLE(TOP_K_ITEMS_TUMBLING(CURSOR(SELECT STREAM K FROM "SOURCE_SQL_STREAM_001"), 'K', 3, 60));
