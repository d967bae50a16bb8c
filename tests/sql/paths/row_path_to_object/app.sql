-- An object there is one row; nothing there does not conform to the schema.
-- Source: API_JSONMappingParameters; docs/sql/input.md
CREATE OR REPLACE STREAM DEST (CITY VARCHAR(20));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM CITY FROM "SOURCE_SQL_STREAM_001";
