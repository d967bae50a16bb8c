"""`wildrydes lab run s3`."""

import asyncio
from typing import TYPE_CHECKING

import click

from fleet.settings import DEFAULT_REGION, AwsSettings
from wildrydes.lab_options import finish, lab_options
from wildrydes.options import aws_options

if TYPE_CHECKING:
    from labs.lab_run import LabRun
    from labs.report import Report

BUCKET = "wildrydes-lab-s3"


@click.command(
    "s3",
    epilog="""\b
Examples:
  wildrydes lab run s3
  wildrydes lab run s3 --data photo.jpg --json
  wildrydes lab run s3 --endpoint-url http://127.0.0.1:4566
  wildrydes lab run s3 --aws --profile me --bucket my-lab --yes-make-public

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@lab_options("s3", data_help="Picture to upload: PNG, JPEG, GIF, SVG or WebP.")
@click.option("--bucket", help=f"Bucket to make.  [default: {BUCKET}; on AWS there is none]")
@click.option("--aws", "on_aws", is_flag=True, help="Run it on AWS itself; it costs cents.")
@click.option(
    "--yes-make-public",
    is_flag=True,
    help="With --aws: I know that everybody on the Internet can read the picture for seconds.",
)
@aws_options
def command(
    run: "LabRun",
    as_json: bool,
    settings: AwsSettings,
    bucket: str | None,
    on_aws: bool,
    yes_make_public: bool,
) -> None:
    """Upload a picture, and see what somebody without credentials can read: while the bucket is
    closed, opened by a policy, with versions, after a deletion, as a page, and closed again.

    It runs on a local endpoint of its own that ends with it, or on the one of --endpoint-url,
    where the bucket stays, closed. It never touches a bucket that it did not make.
    """
    if on_aws and not (bucket and yes_make_public):
        raise click.UsageError(
            "--aws makes a bucket public for seconds: give --bucket and --yes-make-public"
        )
    if yes_make_public and not on_aws:
        raise click.UsageError("--yes-make-public goes with --aws")
    if settings.endpoint_url is not None and not settings.is_loopback and not on_aws:
        raise click.UsageError(f"{settings.endpoint_url} is not on this machine: add --aws")
    finish(asyncio.run(_lab(run, settings, bucket or BUCKET, on_aws)), run, as_json)


async def _lab(run: "LabRun", settings: AwsSettings, bucket: str, on_aws: bool) -> "Report":
    from labs.s3.lab import run as run_lab
    from local_kinesis.endpoint import LocalEndpoint

    if on_aws or settings.endpoint_url is not None:
        return await run_lab(run, settings, bucket)
    async with LocalEndpoint() as endpoint:
        run.say(f"local endpoint {endpoint.url}")
        return await run_lab(run, AwsSettings(endpoint.url, DEFAULT_REGION), bucket)
