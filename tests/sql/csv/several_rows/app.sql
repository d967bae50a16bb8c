-- A record of several rows, the last with or without its delimiter; empty rows do not count.
-- Source: API_CSVMappingParameters
CREATE OR REPLACE STREAM DEST (NAME VARCHAR(8), N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM NAME, N FROM "SOURCE_SQL_STREAM_001";
