-- Without a NamePrefix in the schema, the input is called what the text reads and does not create.
-- Source: DG:how-it-works-input.md; decisions.md, Statements
CREATE OR REPLACE STREAM DEST (N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N FROM "input_stream_001";
