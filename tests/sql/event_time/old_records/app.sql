-- With idle and future off the arrival does not count: records of any age can be run again.
-- Source: docs/semantics.md
CREATE OR REPLACE STREAM DEST (ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY STEP(s.ROWTIME BY INTERVAL '10' SECOND);
