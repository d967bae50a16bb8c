-- LEFT JOIN keeps the rows that the table does not know, NULL keys too.
-- Source: DG:app-add-reference-data.md; REF:sql-reference-join-clause
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N INTEGER, ZONE VARCHAR(16));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM s.K, s.N, z.ZONE FROM "SOURCE_SQL_STREAM_001" AS s LEFT JOIN ZONES AS z ON s.K = z.K;
