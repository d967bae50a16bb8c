-- Of an input from Kinesis: arrival, partition key, sequence number, shard.
-- Source: DG:timestamps-rowtime-concepts.md; DG:input-parallelism.md
CREATE OR REPLACE STREAM DEST (A TIMESTAMP, P VARCHAR(20), S VARCHAR(20), H VARCHAR(20));
CREATE OR REPLACE PUMP P1 AS INSERT INTO DEST
SELECT STREAM APPROXIMATE_ARRIVAL_TIME, PARTITION_KEY, "SEQUENCE_NUMBER", s.SHARD_ID FROM "SOURCE_SQL_STREAM_001" AS s;
