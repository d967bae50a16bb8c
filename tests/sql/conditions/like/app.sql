-- % is any text, _ one character; case counts.
-- Source: REF:sql-reference-conditions
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001" WHERE V LIKE 'ab%'  OR V LIKE '_z';
