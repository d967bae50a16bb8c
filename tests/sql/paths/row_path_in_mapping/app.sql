-- A mapping may begin with the row path.
-- Source: API_JSONMappingParameters; docs/sql/input.md
CREATE OR REPLACE STREAM DEST (ID VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM ID FROM "SOURCE_SQL_STREAM_001";
