-- An integer divided by an integer is cut toward zero: 7 / 2, -7 / 2.
-- Source: REF:sql-reference-aggregate-functions (154 / 4 = 38); decisions.md, Numbers
CREATE OR REPLACE STREAM DEST (A INTEGER, B INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N / 2, -N / 2 FROM "SOURCE_SQL_STREAM_001";
