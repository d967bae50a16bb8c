-- Every cut parts 9 from seven equal rows, at depth 0: 1 / (0 + 1) * log2(7 + 1) in each tree.
-- Source: REF:sqlrf-random-cut-forest; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (X DOUBLE, SCORE REAL);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM * FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM X FROM "SOURCE_SQL_STREAM_001"), 100, 10, 100000, 1));
