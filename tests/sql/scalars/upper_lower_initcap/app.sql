-- INITCAP: a capital at the start of each word, small letters otherwise.
-- Source: REF:sql-reference-upper; REF:sql-reference-lower; REF:sql-reference-initcap
CREATE OR REPLACE STREAM DEST (A VARCHAR(40), B VARCHAR(40), C VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM UPPER(V), LOWER(V), INITCAP(V) FROM "SOURCE_SQL_STREAM_001";
