-- The order of the statements is free: decided.
-- Source: decisions.md, Statements
CREATE OR REPLACE PUMP P AS INSERT INTO DEST SELECT STREAM N FROM "SOURCE_SQL_STREAM_001";
CREATE OR REPLACE STREAM DEST (N INTEGER);
