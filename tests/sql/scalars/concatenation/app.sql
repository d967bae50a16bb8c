-- || joins; with NULL it is NULL.
-- Source: REF:sql-reference-string-concatenation-operator
CREATE OR REPLACE STREAM DEST (A VARCHAR(50));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K || '-' || V FROM "SOURCE_SQL_STREAM_001";
