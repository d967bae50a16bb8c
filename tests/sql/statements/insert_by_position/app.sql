-- Without a list the items go in order, whatever they are called; an alias may come twice.
-- Source: DG:streams-pumps.md
CREATE OR REPLACE STREAM DEST (FIRST_N INTEGER, SECOND_N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N AS SECOND_N, N + 10 AS SECOND_N FROM "SOURCE_SQL_STREAM_001";
