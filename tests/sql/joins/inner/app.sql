-- A row of the side without a window meets those of the other side that came at most 5 seconds before it: a(k, 1) of 1 s meets b of 2 s and 6 s, not of 6.001 s; b of 1 s came too early for a of 2 s.
-- Source: REF:sql-reference-join-clause; DG:stream-joins-concepts.md
CREATE OR REPLACE STREAM A (K VARCHAR(8), N INTEGER);
CREATE OR REPLACE PUMP PA AS INSERT INTO A
SELECT STREAM K, N FROM "SOURCE_SQL_STREAM_001" WHERE V = 'a';
CREATE OR REPLACE STREAM B (K VARCHAR(8), N INTEGER);
CREATE OR REPLACE PUMP PB AS INSERT INTO B
SELECT STREAM K, N FROM "SOURCE_SQL_STREAM_001" WHERE V = 'b';
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), A INTEGER, B INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM x.K, x.N, y.N FROM A OVER (RANGE INTERVAL '5' SECOND PRECEDING) AS x JOIN B AS y ON x.K = y.K;
