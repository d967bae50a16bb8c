-- Distinct values counted in one statement: the item ROWTIME of the inner query is the time key of the
-- outer one. The first minute has two values of X for a and one for b, the second one for a.
-- Source: REF:count-distinct-items (the exact count); decisions.md, Time
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), X_VALUES BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, COUNT(d.X)
FROM (SELECT STREAM DISTINCT ROWTIME AS at_, K, X, STEP(s.ROWTIME BY INTERVAL '1' MINUTE)
      FROM "SOURCE_SQL_STREAM_001" AS s) AS d
GROUP BY K, STEP(d.at_ BY INTERVAL '1' MINUTE);
