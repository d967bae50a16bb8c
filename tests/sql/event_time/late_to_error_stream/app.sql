-- A row is late when it is more than the lateness behind the latest event time before it in its shard.
-- Source: docs/semantics.md
CREATE OR REPLACE STREAM DEST (ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY STEP(s.ROWTIME BY INTERVAL '10' SECOND);
