"""`wildrydes setup`: makes the streams, table, bucket and delivery stream that the flow needs."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fleet.reading import STREAM, SUMMARY_STREAM, TABLE
from fleet.settings import AwsSettings
from wildrydes.events import emit
from wildrydes.options import StreamName, aws_options, json_option

if TYPE_CHECKING:
    from awsio.clients import AwsClients
    from wildrydes.setup.resource import Resource
    from wildrydes.setup.setup import Step

DELIVERY_STREAM = "wildrydes"

EPILOG = """\b
Examples:
  wildrydes setup --endpoint-url http://127.0.0.1:4566
  wildrydes setup --dry-run --profile workshop --archive-bucket my-rides
  wildrydes setup --archive-bucket my-rides --firehose-role arn:aws:iam::123456789012:role/firehose
  wildrydes setup --destroy --dry-run
  wildrydes setup --destroy --yes

\b
Exit codes: 0 all is there (or gone), 1 failure, 2 usage.
"""


@click.command("setup", epilog=EPILOG)
@click.option(
    "--stream", type=StreamName(), default=STREAM, show_default=True, help="Stream of readings."
)
@click.option(
    "--shards",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Of the stream of readings.",
)
@click.option(
    "--summary-stream",
    type=StreamName(),
    default=SUMMARY_STREAM,
    show_default=True,
    help="Stream for the rows.",
)
@click.option("--table", default=TABLE, show_default=True, help="DynamoDB table for the rows.")
@click.option(
    "--archive-bucket",
    help="S3 bucket for the raw records; needed on AWS.  "
    "[default: wildrydes-archive on a local endpoint]",
)
@click.option(
    "--delivery-stream",
    default=DELIVERY_STREAM,
    show_default=True,
    help="Firehose delivery stream from the stream into the bucket.",
)
@click.option(
    "--firehose-role",
    help="ARN of the role with which it reads and writes; without it, on AWS, no delivery stream "
    "is made: the processor archives by itself.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--destroy", is_flag=True, help="Delete what setup made, with all that is in it; nothing else."
)
@click.option("--yes", is_flag=True, help="With --destroy: do not ask.")
@aws_options
@json_option("JSON lines: what became of each resource.")
def command(
    stream: str,
    shards: int,
    summary_stream: str,
    table: str,
    archive_bucket: str | None,
    delivery_stream: str,
    firehose_role: str | None,
    dry_run: bool,
    destroy: bool,
    yes: bool,
    settings: AwsSettings,
    as_json: bool,
) -> None:
    """Make the streams, the table, the bucket and the delivery stream that are not there.

    What is there stays as it is, so that it can be run again at any time. Everything that it makes
    carries the tag made-by=wildrydes-setup; --destroy deletes what carries it and leaves alone
    what does not. The table has point-in-time recovery.
    """
    from sinks.registry import archive_bucket as bucket_of
    from wildrydes.setup.delivery_stream import role_of
    from wildrydes.setup.setup import set_up, tear_down

    bucket = bucket_of(settings, archive_bucket)
    role = role_of(settings, firehose_role)

    async def main() -> None:
        from awsio.clients import AwsClients

        async with AwsClients(settings) as aws:
            resources = await _resources(
                aws, stream, shards, summary_stream, table, bucket, delivery_stream, role
            )
            if not destroy:
                await set_up(resources, lambda step: _show(step, as_json), dry_run=dry_run)
                return
            if not dry_run and not yes:
                await tear_down(resources, lambda step: _show(step, as_json), dry_run=True)
                click.confirm("Delete these?", abort=True, err=True)
            await tear_down(resources, lambda step: _show(step, as_json), dry_run=dry_run)

    asyncio.run(main())
    if role is None and not destroy and not as_json:
        click.echo(
            "no delivery stream: give --firehose-role ARN, or let the processor archive by itself"
        )


async def _resources(
    aws: "AwsClients",
    stream: str,
    shards: int,
    summary_stream: str,
    table: str,
    bucket: str,
    delivery_stream: str,
    role: str | None,
) -> "Sequence[Resource]":
    from wildrydes.setup.bucket import BucketResource
    from wildrydes.setup.delivery_stream import DeliveryStreamResource
    from wildrydes.setup.stream import StreamResource
    from wildrydes.setup.table import TableResource

    kinesis = await aws.kinesis()
    resources: list[Resource] = [
        StreamResource(kinesis, stream, shards, _on_wait),
        StreamResource(kinesis, summary_stream, 1, _on_wait),
        TableResource(aws, await aws.dynamodb(), table, _on_wait),
        BucketResource(aws, await aws.s3(), bucket, _on_wait),
    ]
    if role is not None:
        resources.append(
            DeliveryStreamResource(
                await aws.firehose(), kinesis, delivery_stream, stream, bucket, role, _on_wait
            )
        )
    return resources


def _on_wait(reason: str, _seconds: float) -> None:
    from wildrydes.lifecycle import complain, wait_line

    complain(wait_line("AWS", reason))


def _show(step: "Step", as_json: bool) -> None:
    resource = step.resource
    if as_json:
        emit("setup", kind=resource.kind, name=resource.name, done=step.done, note=step.note)
        return
    note = f"  ({step.note})" if step.note else ""
    click.echo(f"{step.done:<10}  {resource.kind} {resource.name}{note}")
