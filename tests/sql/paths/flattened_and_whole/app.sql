-- One array makes rows, another one stays a text in each of them.
-- Source: DG:about-json-path.md
CREATE OR REPLACE STREAM DEST (ID VARCHAR(8), TAGS VARCHAR(40));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM ID, TAGS FROM "SOURCE_SQL_STREAM_001";
