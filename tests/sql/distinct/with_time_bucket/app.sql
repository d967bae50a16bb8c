-- The time bucket in the list makes the windows; a value comes once in each.
-- Source: REF:sql-reference-select-all-distinct
CREATE OR REPLACE STREAM DEST (AT_ TIMESTAMP, K VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM DISTINCT FLOOR(s.ROWTIME TO MINUTE), K FROM "SOURCE_SQL_STREAM_001" AS s;
