-- The input's columns have the exact case of the schema.
-- Source: DG:how-it-works-input.md
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM "mixedCase" FROM "SOURCE_SQL_STREAM_001";
