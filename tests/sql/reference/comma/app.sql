-- With a comma, and the condition in WHERE; the table stands first.
-- Source: DG:app-add-reference-data.md; docs/sql/decisions.md
CREATE OR REPLACE STREAM DEST (N INTEGER, ZONE VARCHAR(16));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM s.N, z.ZONE FROM ZONES AS z, "SOURCE_SQL_STREAM_001" AS s WHERE z.K = s.K AND s.N > 1;
