-- The hotspot of the first two rows is there as long as both are among the last 100.
-- Source: REF:sqlrf-hotspots; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (X DOUBLE, SPOTS VARCHAR(200));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM X, HOTSPOTS_RESULT FROM TABLE(HOTSPOTS(CURSOR(SELECT STREAM X FROM "SOURCE_SQL_STREAM_001"), 100, 0.5, 2)) WHERE X > 970;
