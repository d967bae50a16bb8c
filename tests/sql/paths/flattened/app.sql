-- With a path behind [0:] every element is a row, in which the other columns repeat; what an element lacks is NULL.
-- Source: DG:about-json-path.md
CREATE OR REPLACE STREAM DEST (NAME VARCHAR(20), ID VARCHAR(8), PRICE DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM NAME, ID, PRICE FROM "SOURCE_SQL_STREAM_001";
