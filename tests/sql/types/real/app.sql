-- 32 bits: 0.1 is written as the shortest text of its float32.
-- Source: SQL dialect: REAL in output JSON
CREATE OR REPLACE STREAM DEST (A REAL);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM A FROM "SOURCE_SQL_STREAM_001";
