-- Only the branch that is taken can fail.
-- Source: DG:error-handling.md (handle errors in the code); decisions.md, Numbers
CREATE OR REPLACE STREAM DEST (A INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM CASE WHEN N = 0 THEN 0 ELSE 10 / N END FROM "SOURCE_SQL_STREAM_001";
