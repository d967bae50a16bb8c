-- A whole application on one line, the last semicolon left out.
-- Source: DG:streams-pumps.md
CREATE STREAM DEST (N INTEGER); CREATE PUMP P AS INSERT INTO DEST SELECT STREAM N FROM "SOURCE_SQL_STREAM_001"
