-- Integers without a point, doubles with the fewest digits that are exact.
-- Source: decisions.md, Numbers
CREATE OR REPLACE STREAM DEST (A BIGINT, B DOUBLE, C DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM BIG, X, X / 3 FROM "SOURCE_SQL_STREAM_001";
