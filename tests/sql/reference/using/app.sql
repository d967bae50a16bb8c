-- USING with the table first: the K that is left is that of the stream, whose rows are all kept.
-- Source: DG:app-add-reference-data.md; docs/sql/decisions.md
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), ZONE VARCHAR(16), N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, ZONE, s.N FROM ZONES AS z RIGHT JOIN "SOURCE_SQL_STREAM_001" AS s USING (K);
