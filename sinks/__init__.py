"""Rows and records out: DynamoDB, Kinesis, S3, the live map, the dead letter."""
