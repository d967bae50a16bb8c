import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.*;

/** The endpoint through the unmodified Java SDK: CBOR over HTTP/1.1 (sync) and HTTP/2 (async). */
public final class KinesisRoundTrip {
    private static final int RECORDS = 400;
    private static final int RECORD_BYTES = 2_000;

    public static void main(String[] arguments) throws Exception {
        URI endpoint = URI.create(arguments[0]);
        var credentials =
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));
        try (KinesisClient sync = KinesisClient.builder()
                        .endpointOverride(endpoint).region(Region.US_EAST_1)
                        .credentialsProvider(credentials)
                        .httpClientBuilder(UrlConnectionHttpClient.builder()).build();
                KinesisAsyncClient async = KinesisAsyncClient.builder()
                        .endpointOverride(endpoint).region(Region.US_EAST_1)
                        .credentialsProvider(credentials).build()) {
            roundTrip(sync);
            subscribe(async);
            manyAtOnce(async);
        }
        System.out.println("ok");
    }

    private static void roundTrip(KinesisClient client) throws Exception {
        client.createStream(request -> request.streamName("java").shardCount(1));
        awaitActive(client);
        check(client.describeStreamSummary(request -> request.streamName("java"))
                        .streamDescriptionSummary().streamCreationTimestamp()
                        .isAfter(java.time.Instant.parse("2020-01-01T00:00:00Z")),
                "the creation time is a time");
        PutRecordsResponse put = client.putRecords(
                request -> request.streamName("java").records(entries()));
        check(put.failedRecordCount() == 0, "all are put");
        client.splitShard(request -> request.streamName("java").shardToSplit("shardId-000000000000")
                .newStartingHashKey("170141183460469231731687303715884105728"));
        awaitActive(client);
        check(client.listShards(request -> request.streamName("java")).shards().size() == 3,
                "a parent and two children");
        client.putRecords(request -> request.streamName("java").records(entries()));
        List<String> read = new ArrayList<>();
        for (Shard shard : client.listShards(request -> request.streamName("java")).shards()) {
            read.addAll(readAll(client, shard.shardId()));
        }
        check(read.size() == 2 * RECORDS, "read " + read.size());
        check(new TreeSet<>(read).size() == RECORDS, "every key");
        try {
            client.describeStreamSummary(request -> request.streamName("none"));
            check(false, "there is no such stream");
        } catch (ResourceNotFoundException expected) {
            check(expected.getMessage().contains("none"), expected.getMessage());
        }
    }

    private static List<String> readAll(KinesisClient client, String shardId) {
        String iterator = client.getShardIterator(request -> request.streamName("java")
                .shardId(shardId).shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                .timestamp(java.time.Instant.EPOCH)).shardIterator();
        List<String> read = new ArrayList<>();
        while (iterator != null) {
            String current = iterator;
            GetRecordsResponse page =
                    client.getRecords(request -> request.shardIterator(current).limit(150));
            for (software.amazon.awssdk.services.kinesis.model.Record record : page.records()) {
                check(record.data().asByteArray().length == RECORD_BYTES, "the data is whole");
                check(Duration.between(record.approximateArrivalTimestamp(),
                        java.time.Instant.now()).abs().toMinutes() < 5, "it arrived now");
                read.add(record.partitionKey());
            }
            iterator = page.millisBehindLatest() == 0 && !page.hasChildShards()
                    ? null : page.nextShardIterator();
        }
        return read;
    }

    private static void subscribe(KinesisAsyncClient client) throws Exception {
        String streamArn = client.describeStreamSummary(request -> request.streamName("java"))
                .get().streamDescriptionSummary().streamARN();
        String consumerArn = client.registerStreamConsumer(request ->
                request.streamARN(streamArn).consumerName("fan")).get().consumer().consumerARN();
        while (client.describeStreamConsumer(request -> request.consumerARN(consumerArn)).get()
                .consumerDescription().consumerStatus() != ConsumerStatus.ACTIVE) {
            Thread.sleep(50);
        }
        List<String> read = new ArrayList<>();
        List<String> children = new ArrayList<>();
        CompletableFuture<Void> done = client.subscribeToShard(
                request -> request.consumerARN(consumerArn).shardId("shardId-000000000000")
                        .startingPosition(position -> position.type(ShardIteratorType.TRIM_HORIZON)),
                SubscribeToShardResponseHandler.builder()
                        .subscriber(SubscribeToShardResponseHandler.Visitor.builder()
                                .onSubscribeToShardEvent(event -> {
                                    event.records().forEach(one -> read.add(one.partitionKey()));
                                    event.childShards().forEach(one -> children.add(one.shardId()));
                                }).build())
                        .build());
        done.get(180, TimeUnit.SECONDS);
        check(read.size() == RECORDS, "subscribed to " + read.size());
        check(children.size() == 2, "children " + children);
    }

    private static void manyAtOnce(KinesisAsyncClient client) throws Exception {
        List<CompletableFuture<PutRecordsResponse>> puts = IntStream.range(0, 40).mapToObj(
                ignored -> client.putRecords(
                        request -> request.streamName("java").records(entries()))).toList();
        for (var put : puts) {
            check(put.get(180, TimeUnit.SECONDS).failedRecordCount() == 0, "all are put");
        }
        String iterator = client.getShardIterator(request -> request.streamName("java")
                .shardId("shardId-000000000001")
                .shardIteratorType(ShardIteratorType.TRIM_HORIZON)).get().shardIterator();
        var page = client.getRecords(request -> request.shardIterator(iterator)).get();
        check(page.records().size() > 1_000, "a large answer: " + page.records().size());
    }

    private static List<PutRecordsRequestEntry> entries() {
        byte[] data = new byte[RECORD_BYTES];
        java.util.Arrays.fill(data, (byte) 0xff);
        return IntStream.range(0, RECORDS).mapToObj(number -> PutRecordsRequestEntry.builder()
                .partitionKey("key-" + number).data(SdkBytes.fromByteArray(data)).build()).toList();
    }

    private static void awaitActive(KinesisClient client) throws InterruptedException {
        while (client.describeStreamSummary(request -> request.streamName("java"))
                .streamDescriptionSummary().streamStatus() != StreamStatus.ACTIVE) {
            Thread.sleep(50);
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
