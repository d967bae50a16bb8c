-- HAVING may use an aggregate that is not selected; unknown is not true.
-- Source: REF:sql-reference-having-clause
CREATE OR REPLACE STREAM DEST (K VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY K, FLOOR(s.ROWTIME TO MINUTE) HAVING SUM(N) >= 3;
