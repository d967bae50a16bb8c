-- T-sort: rows in the order of T, which becomes their ROWTIME. The row of 00:00:02 comes 3 seconds behind one of 00:00:05, which is more than the 2 that are waited for.
-- Source: REF:sqlrf_T-sorting_Stream_Input; decisions.md, Joins, unions and order
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N, T AS ROWTIME FROM "SOURCE_SQL_STREAM_001" ORDER BY T WITHIN INTERVAL '2' SECOND;
