-- Of several rows only the one that does not fit is lost.
-- Source: DG:error-handling.md; docs/sql/input.md
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001";
