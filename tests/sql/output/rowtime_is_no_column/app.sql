-- The row has the stream's columns in their order, ROWTIME only when it is selected.
-- Source: DG:how-it-works-output.md
CREATE OR REPLACE STREAM DEST (Z INTEGER, A INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N, N FROM "SOURCE_SQL_STREAM_001";
