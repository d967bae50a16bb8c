-- A path through objects; where it leads nowhere the value is NULL, and case counts.
-- Source: DG:about-json-path.md
CREATE OR REPLACE STREAM DEST (NAME VARCHAR(20), CITY VARCHAR(20), NONE_ VARCHAR(20));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM NAME, CITY, NONE_ FROM "SOURCE_SQL_STREAM_001";
