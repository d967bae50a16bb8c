-- yyyy-MM-dd HH:mm:ss.SSS, no T and no zone.
-- Source: DG:how-it-works-output.md; a published output
CREATE OR REPLACE STREAM DEST (A TIMESTAMP);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM T FROM "SOURCE_SQL_STREAM_001";
