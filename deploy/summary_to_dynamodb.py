"""A Lambda function: rows of the summary stream into a DynamoDB table, each once.

For an event source mapping on the stream, with ReportBatchItemFailures. This file is the whole
bundle: it needs nothing but what Lambda's Python has. Environment: TABLE, a table whose key
attributes are columns of the rows (Name and StatusTime, as `wildrydes setup` makes it).

The stream is at least once, in two ways: the processor writes again what it wrote before a crash,
and Lambda calls again with a batch that failed. What is the same row with the same data is known by
the row mark at the end of the partition key, and left out; a corrected row, with the same mark and
other data, replaces the first. A record never replaces one that came after it.
"""

import base64
import hashlib
import json
import os
import re
from decimal import Decimal
from typing import Any

import boto3
from botocore.exceptions import ClientError

MARK = re.compile(r"#([A-Za-z0-9_-]{20})\Z")
"""The row mark in a partition key, such as `Bucephalus#yDJ9bq1o0cS6Wz4R5tQx`."""

VERSION = "RowVersion"
"""The attribute that says which row an item is, and with what data."""

SEQUENCE = "RowSequence"
"""The attribute that says which record wrote an item: its sequence number, padded to sort."""

NEWER = "(attribute_not_exists(#sequence) OR #sequence < :sequence)"
OTHER = "(attribute_not_exists(#version) OR #version <> :version)"

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Writes the batch's rows in their order. Stops at the first that cannot be written: Lambda
    comes again from there, and those before it are known as repeats if they come too.
    """
    repeats = 0
    for record in event["Records"]:
        number = record["kinesis"]["sequenceNumber"]
        try:
            repeats += not put(record["kinesis"])
        except Exception as error:
            # Whatever it is, nothing may be lost: the mapping says how often to try again, and
            # where to put what never passes.
            print(json.dumps({"failed": number, "reason": f"{type(error).__name__}: {error}"}))
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    print(json.dumps({"records": len(event["Records"]), "repeats": repeats}))
    return {"batchItemFailures": []}


def put(record: dict[str, Any]) -> bool:
    """Writes one record's row; returns whether it was news."""
    data = base64.b64decode(record["data"])
    row = json.loads(data, parse_float=Decimal)
    # As the processor's own table has it: a NULL column is left out.
    item = {name: value for name, value in row.items() if value is not None}
    sequence = record["sequenceNumber"].rjust(60, "0")
    names, values = {"#sequence": SEQUENCE}, {":sequence": sequence}
    item[SEQUENCE] = sequence
    condition = NEWER
    if found := MARK.search(record["partitionKey"]):
        item[VERSION] = f"{found[1]} {hashlib.sha256(data).hexdigest()[:16]}"
        names["#version"], values[":version"] = VERSION, item[VERSION]
        condition = f"{NEWER} AND {OTHER}"
    try:
        table.put_item(
            Item=item,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True
