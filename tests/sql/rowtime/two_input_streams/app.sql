-- InputParallelism 2: the shards are shared out in turn by the number at the end of their id.
-- Source: DG:input-parallelism.md; decisions.md, Statements
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST SELECT STREAM N FROM "SOURCE_SQL_STREAM_001";
CREATE OR REPLACE PUMP Q AS INSERT INTO DEST SELECT STREAM N + 100 FROM "SOURCE_SQL_STREAM_002";
