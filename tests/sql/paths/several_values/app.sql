-- Objects one after another in one record, as producers that batch write them, are a row each.
-- Source: docs/sql/input.md
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001";
