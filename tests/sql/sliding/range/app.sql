-- One row a row, at once, over the rows of its partition not more than 10 s older, itself included.
-- Source: DG:sliding-window-concepts.md; REF:sql-reference-window-clause
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), TOTAL BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, SUM(N) OVER (PARTITION BY K RANGE INTERVAL '10' SECOND PRECEDING) FROM "SOURCE_SQL_STREAM_001";
