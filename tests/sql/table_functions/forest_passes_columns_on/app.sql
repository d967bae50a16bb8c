-- Text, times and truth values are passed on and not scored; whole numbers and REAL are scored. Columns keep their order, the score comes last.
-- Source: REF:sqlrf-random-cut-forest; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N INTEGER, T TIMESTAMP, OK BOOLEAN, LOW REAL, SCORE REAL);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM * FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM K, N, T, OK, LOW FROM "SOURCE_SQL_STREAM_001"), 10, 10));
