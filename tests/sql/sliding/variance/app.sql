-- Of the frame: 1 and 4 have mean 2.5 and variance 2.25, of the sample 4.5.
-- Source: REF:sql-reference-var-pop; REF:sql-reference-var-samp
CREATE OR REPLACE STREAM DEST (P DOUBLE, S DOUBLE, D DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM VAR_POP(X) OVER w, VAR_SAMP(X) OVER w, STDDEV_POP(X) OVER w FROM "SOURCE_SQL_STREAM_001" WINDOW w AS (ROWS 1 PRECEDING);
