-- Rows with what the table says of them, counted by it each minute.
-- Source: DG:app-add-reference-data.md; DG:tumbling-window-concepts.md
CREATE OR REPLACE STREAM DEST (ZONE VARCHAR(16), N BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM z.ZONE, SUM(s.N) FROM "SOURCE_SQL_STREAM_001" AS s LEFT JOIN ZONES AS z ON s.K = z.K GROUP BY z.ZONE, FLOOR(s.ROWTIME TO MINUTE);
