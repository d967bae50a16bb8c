-- By event time a stagger window begins and ends by the time in the records, in whatever order they come within the lateness.
-- Source: DG:stagger-window-concepts.md; docs/semantics.md
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), N BIGINT, FIRST_ INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM K, COUNT(*), FIRST_VALUE(N) FROM "SOURCE_SQL_STREAM_001" WINDOWED BY STAGGER (PARTITION BY K RANGE INTERVAL '5' SECOND);
