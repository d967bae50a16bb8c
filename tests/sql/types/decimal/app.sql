-- Exact, with all the digits of its scale: decided.
-- Source: DG:sch-mapping.md
CREATE OR REPLACE STREAM DEST (A DECIMAL(5,2));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM A FROM "SOURCE_SQL_STREAM_001";
