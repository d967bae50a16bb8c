-- Names in quotes keep their case; "dest" and DEST are two streams.
-- Source: REF:sql-reference-identifiers
CREATE OR REPLACE STREAM "dest" ("amount Of n" INTEGER);
CREATE OR REPLACE PUMP "p" AS INSERT INTO "dest" SELECT STREAM n FROM "SOURCE_SQL_STREAM_001";
