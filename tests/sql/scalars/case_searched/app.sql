-- CASE WHEN: the first that is true; without ELSE it is NULL. Text constants are CHAR(n): the shorter ones are padded to the longest.
-- Source: REF:sql-reference-conditions
CREATE OR REPLACE STREAM DEST (A VARCHAR(8), B INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM CASE WHEN N > 5 THEN 'big' WHEN N > 2 THEN 'mid' ELSE 'small' END, CASE WHEN N > 5 THEN 1 END FROM "SOURCE_SQL_STREAM_001";
