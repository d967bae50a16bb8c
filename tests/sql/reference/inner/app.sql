-- A row of the stream meets the rows of the table; one without any is left out. An empty field of the file is NULL, which is a value like others.
-- Source: DG:app-add-reference-data.md
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N INTEGER, ZONE VARCHAR(16));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM s.K, s.N, z.ZONE FROM "SOURCE_SQL_STREAM_001" AS s JOIN ZONES AS z ON s.K = z.K;
