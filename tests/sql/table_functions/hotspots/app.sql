-- Three points within 1 of one another, in a chain, make a hotspot: 3 points on 1.5 by 1 (a side counts as the radius at least). 9 is alone.
-- Source: REF:sqlrf-hotspots; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (X DOUBLE, SPOTS VARCHAR(200));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM X, HOTSPOTS_RESULT FROM TABLE(HOTSPOTS(CURSOR(SELECT STREAM K, X, N FROM "SOURCE_SQL_STREAM_001"), 100, 1, 3));
