// The endpoint through the unmodified JavaScript SDK: JSON over HTTP/2.
import assert from "node:assert/strict";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  ResourceNotFoundException,
  SplitShardCommand,
  SubscribeToShardCommand,
} from "@aws-sdk/client-kinesis";

const StreamName = "node";
const client = new KinesisClient({ endpoint: process.argv[2] });
const entries = Array.from({ length: 400 }, (_, number) => ({
  PartitionKey: `key-${number}`,
  Data: new Uint8Array(2_000).fill(255),
}));

async function active() {
  for (;;) {
    const { StreamDescriptionSummary: summary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName }),
    );
    if (summary.StreamStatus === "ACTIVE") return summary;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function readAll(ShardId) {
  let { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
  );
  const keys = [];
  while (ShardIterator) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 150 }));
    for (const record of page.Records) {
      assert.equal(record.Data.length, 2_000);
      assert.ok(Math.abs(Date.now() - record.ApproximateArrivalTimestamp) < 300_000);
      keys.push(record.PartitionKey);
    }
    ShardIterator = page.MillisBehindLatest === 0 ? undefined : page.NextShardIterator;
  }
  return keys;
}

await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
const { StreamARN } = await active();
const put = () => client.send(new PutRecordsCommand({ StreamName, Records: entries }));
assert.equal((await put()).FailedRecordCount, 0);
await client.send(
  new SplitShardCommand({
    StreamName,
    ShardToSplit: "shardId-000000000000",
    NewStartingHashKey: String(2n ** 127n),
  }),
);
await active();
await Promise.all(Array.from({ length: 20 }, put));
const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
const read = await Promise.all(Shards.map((shard) => readAll(shard.ShardId)));
assert.deepEqual(read.map((keys) => keys.length)[0], 400);
assert.equal(read.flat().length, 21 * 400);

const { Consumer } = await client.send(
  new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "fan" }),
);
await new Promise((resolve) => setTimeout(resolve, 500));
const subscription = await client.send(
  new SubscribeToShardCommand({
    ConsumerARN: Consumer.ConsumerARN,
    ShardId: "shardId-000000000000",
    StartingPosition: { Type: "TRIM_HORIZON" },
  }),
);
const pushed = [];
let children = [];
for await (const { SubscribeToShardEvent: event } of subscription.EventStream) {
  pushed.push(...event.Records);
  children = event.ChildShards ?? children;
}
assert.equal(pushed.length, 400);
assert.equal(children.length, 2);
await assert.rejects(
  client.send(new DescribeStreamSummaryCommand({ StreamName: "none" })),
  ResourceNotFoundException,
);
client.destroy();
console.log("ok");
