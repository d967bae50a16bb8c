-- RecordRowPath: every element of the array there is a row, and the mappings start from it.
-- Source: API_JSONMappingParameters; docs/sql/input.md
CREATE OR REPLACE STREAM DEST (ID VARCHAR(8), PRICE DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM ID, PRICE FROM "SOURCE_SQL_STREAM_001";
