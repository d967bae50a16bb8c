-- The watermark is the slower shard's: a window closes when both are past its end.
-- Source: docs/semantics.md; DG:input-parallelism.md
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY K, STEP(s.ROWTIME BY INTERVAL '10' SECOND);
