-- x / 0: that row goes to error_stream, the others go on.
-- Source: DG:app-explore-error-stream.md
CREATE OR REPLACE STREAM DEST (A INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM 10 / N FROM "SOURCE_SQL_STREAM_001";
