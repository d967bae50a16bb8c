-- An alias is not needed; a column in quotes keeps its name.
-- Source: docs/sql/decisions.md
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM "lower" FROM (SELECT STREAM N AS "lower", K FROM "SOURCE_SQL_STREAM_001") WHERE K = 'k';
