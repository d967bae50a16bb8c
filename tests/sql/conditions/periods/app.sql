-- How one period lies to another: the seven predicates of the standard, and STRICTLY CONTAINS. A period
-- holds its start and not its end, so that one which meets the other does not overlap it.
-- Source: REF:sql-reference-temporal-predicate
CREATE OR REPLACE STREAM DEST (HOW VARCHAR(16),
    OVERLAPPING BOOLEAN, CONTAINING BOOLEAN, STRICTLY_CONTAINING BOOLEAN, EQUAL BOOLEAN,
    PRECEDING_ BOOLEAN, SUCCEEDING BOOLEAN, JUST_BEFORE BOOLEAN, JUST_AFTER BOOLEAN);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM HOW,
    (A, B) OVERLAPS (C, D),
    (A, B) CONTAINS (C, D),
    (A, B) STRICTLY CONTAINS (C, D),
    (A, B) EQUALS (C, D),
    (A, B) PRECEDES (C, D),
    (A, B) SUCCEEDS (C, D),
    (A, B) IMMEDIATELY PRECEDES (C, D),
    (A, B) IMMEDIATELY SUCCEEDS (C, D)
FROM "SOURCE_SQL_STREAM_001";
