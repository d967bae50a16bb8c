-- Fields in the order of the columns. Bare records arrive a second apart from 2026-01-01 on.
-- Source: DG:sch-mapping.md
CREATE OR REPLACE STREAM DEST (NAME VARCHAR(8), N INTEGER, X DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM NAME, N, X FROM "SOURCE_SQL_STREAM_001";
