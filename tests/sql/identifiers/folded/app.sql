-- Names without quotes are upper case, in the rows too.
-- Source: REF:sql-reference-identifiers
create or replace stream dest (amount integer);
create or replace pump p as insert into Dest select stream n from source_sql_stream_001;
