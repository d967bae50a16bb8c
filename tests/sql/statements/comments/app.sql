-- Comments: to the end of the line with -- or //, and between /* and */, banners too.
-- Source: REF:sql-reference-create-pump
/**
 * ** Banner: CREATE STREAM NOT_THIS (A INTEGER); **
 **/
CREATE OR REPLACE STREAM DEST (N INTEGER); -- one column
// another way
CREATE OR REPLACE PUMP P AS /* inner */ INSERT INTO DEST
SELECT STREAM N -- not: , K
FROM "SOURCE_SQL_STREAM_001";
