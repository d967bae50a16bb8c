-- Predicates over periods back to back, PERIOD written or not, and a period that holds a time: of
-- both ends it holds the first.
-- Source: REF:sql-reference-temporal-predicate
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001"
WHERE PERIOD (A, B) PRECEDES (C, D) IMMEDIATELY PRECEDES PERIOD (D, E)
    AND (A, B) CONTAINS A AND NOT (A, B) CONTAINS B AND PERIOD (A, E) STRICTLY CONTAINS C;
