-- Groups of a query in FROM are rows of the outer one, with the end of their window as their ROWTIME.
-- Source: DG:tumbling-window-concepts.md; docs/sql/decisions.md
CREATE OR REPLACE STREAM DEST (MOST BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM MAX(total) FROM (SELECT STREAM K, SUM(N) AS total FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY K, STEP(s.ROWTIME BY INTERVAL '10' SECOND)) GROUP BY STEP(ROWTIME BY INTERVAL '30' SECOND);
