-- Beside another time key ROWTIME does not make rows distinct: it is the window's end.
-- Source: REF:sql-reference-select-all-distinct; decisions.md, Time
CREATE OR REPLACE STREAM DEST (AT_ TIMESTAMP, K VARCHAR(8), END_ TIMESTAMP);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM DISTINCT FLOOR(s.ROWTIME TO MINUTE), K, ROWTIME FROM "SOURCE_SQL_STREAM_001" AS s;
