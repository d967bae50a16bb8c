// The endpoint through the unmodified Go SDK: JSON over HTTP/1.1.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const records = 400

var (
	ctx    = context.Background()
	stream = aws.String("go")
	parent = "shardId-000000000000"
)

func main() {
	client := kinesis.New(kinesis.Options{
		BaseEndpoint: aws.String(os.Args[1]),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	_, err := client.CreateStream(ctx, &kinesis.CreateStreamInput{
		StreamName: stream, ShardCount: aws.Int32(1),
	})
	must(err)
	arn := active(client)
	put(client)
	_, err = client.SplitShard(ctx, &kinesis.SplitShardInput{
		StreamName: stream, ShardToSplit: &parent,
		NewStartingHashKey: aws.String("170141183460469231731687303715884105728"),
	})
	must(err)
	active(client)
	put(client)
	listed, err := client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: stream})
	must(err)
	read := 0
	for _, shard := range listed.Shards {
		read += readAll(client, shard.ShardId)
	}
	check(len(listed.Shards) == 3 && read == 2*records, "all is read")
	subscribe(client, arn)
	_, err = client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{
		StreamName: aws.String("none"),
	})
	var absent *types.ResourceNotFoundException
	check(errors.As(err, &absent), "there is no such stream")
	fmt.Println("ok")
}

func active(client *kinesis.Client) *string {
	for {
		described, err := client.DescribeStreamSummary(ctx,
			&kinesis.DescribeStreamSummaryInput{StreamName: stream})
		must(err)
		summary := described.StreamDescriptionSummary
		if summary.StreamStatus == types.StreamStatusActive {
			return summary.StreamARN
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func put(client *kinesis.Client) {
	entries := make([]types.PutRecordsRequestEntry, records)
	for number := range entries {
		entries[number] = types.PutRecordsRequestEntry{
			PartitionKey: aws.String(fmt.Sprint("key-", number)),
			Data:         bytes.Repeat([]byte{255}, 2000),
		}
	}
	answer, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{
		StreamName: stream, Records: entries,
	})
	must(err)
	check(*answer.FailedRecordCount == 0, "all are put")
}

func readAll(client *kinesis.Client, shard *string) int {
	place, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: stream, ShardId: shard,
		ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: aws.Time(time.Unix(0, 0)),
	})
	must(err)
	read := 0
	for iterator := place.ShardIterator; iterator != nil; {
		page, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{
			ShardIterator: iterator, Limit: aws.Int32(150),
		})
		must(err)
		for _, record := range page.Records {
			age := time.Since(*record.ApproximateArrivalTimestamp)
			check(len(record.Data) == 2000 && age.Abs() < 5*time.Minute, "the record is whole")
		}
		read += len(page.Records)
		iterator = page.NextShardIterator
		if *page.MillisBehindLatest == 0 {
			break
		}
	}
	return read
}

func subscribe(client *kinesis.Client, arn *string) {
	registered, err := client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{
		StreamARN: arn, ConsumerName: aws.String("fan"),
	})
	must(err)
	time.Sleep(500 * time.Millisecond)
	// This SDK may close a connection on which the answer came very soon; a consumer subscribes
	// again after any break.
	for attempt := 0; ; attempt++ {
		pushed, children, err := pushedOnce(client, registered.Consumer.ConsumerARN)
		if err == nil {
			check(pushed == records && children == 2, fmt.Sprint("pushed ", pushed, " ", children))
			return
		}
		check(attempt < 10, err.Error())
		time.Sleep(100 * time.Millisecond)
	}
}

func pushedOnce(client *kinesis.Client, consumer *string) (pushed, children int, err error) {
	answer, err := client.SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
		ConsumerARN: consumer, ShardId: &parent,
		StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon},
	})
	if err != nil {
		return 0, 0, err
	}
	defer answer.GetStream().Close()
	for event := range answer.GetStream().Events() {
		value := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent).Value
		pushed += len(value.Records)
		children += len(value.ChildShards)
	}
	return pushed, children, answer.GetStream().Err()
}

func check(holds bool, what string) {
	if !holds {
		log.Fatal(what)
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
