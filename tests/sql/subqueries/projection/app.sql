-- A query in FROM: its items are the columns, under the names they are given.
-- Source: docs/sql/decisions.md
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), M INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM q.key_, q.twice + 1 FROM (SELECT STREAM K AS key_, N * 2 AS twice FROM "SOURCE_SQL_STREAM_001" WHERE N > 1) AS q WHERE q.twice < 8;
