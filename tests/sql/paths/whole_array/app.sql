-- [0:] at the end of a path is the array as one text.
-- Source: DG:about-json-path.md
CREATE OR REPLACE STREAM DEST (TAGS VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM TAGS FROM "SOURCE_SQL_STREAM_001";
