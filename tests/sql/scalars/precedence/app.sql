-- * before +, parentheses before both, and the minus sign first.
-- Source: REF:sql-reference-numeric-operators
CREATE OR REPLACE STREAM DEST (A INTEGER, B INTEGER, C INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM 1 + N * 3, (1 + N) * 3, -N + 1 FROM "SOURCE_SQL_STREAM_001";
