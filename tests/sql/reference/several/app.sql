-- A row that fits several rows of the table comes with each, in the order of the file; JSON, a line a row.
-- Source: DG:app-add-reference-data.md
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N INTEGER, LIMIT_ INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM s.K, s.N, r.LIMIT_ FROM "SOURCE_SQL_STREAM_001" AS s JOIN RULES AS r ON s.K = r.K AND s.N > r.LIMIT_;
