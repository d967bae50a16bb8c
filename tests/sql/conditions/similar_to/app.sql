-- The example of the guide: the whole text has to match.
-- Source: DG:app-explore-error-stream.md
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "SOURCE_SQL_STREAM_001" WHERE V SIMILAR TO '%TECH%';
