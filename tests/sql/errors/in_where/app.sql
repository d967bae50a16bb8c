-- A condition that cannot be computed: the row fails, it is not just left out.
-- Source: DG:error-handling.md
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001" WHERE 10 / N > 1;
