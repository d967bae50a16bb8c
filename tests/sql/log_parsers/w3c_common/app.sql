-- The common log format has seven columns; the record has its name from AS l(r), as in the guide.
-- Source: DG:examples-transforming-strings-w3clogparse.md; decisions.md, Log parsers
CREATE OR REPLACE STREAM DEST (HOST VARCHAR(40), NAME VARCHAR(40), AT VARCHAR(40), REQUEST VARCHAR(40), STATUS VARCHAR(8), SENT VARCHAR(8));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM l.r.COLUMN1, l.r.COLUMN3, l.r.COLUMN4, l.r.COLUMN5, l.r.COLUMN6, l.r.COLUMN7 FROM (SELECT STREAM W3C_LOG_PARSE(K || V, 'COMMON') FROM "SOURCE_SQL_STREAM_001") AS l(r);
