"""`wildrydes policy public-read`: a policy that opens a bucket, printed, or applied when told so
twice.
"""

import asyncio
import json
import re
from typing import Any

import click

from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from wildrydes.options import aws_options

EPILOG = """\b
Examples:
  wildrydes policy public-read my-rides > policy.json
  wildrydes policy public-read my-rides --versions
  wildrydes policy public-read my-rides --apply --yes-make-public

\b
Exit codes: 0 ok, 1 failure, 2 usage.
"""


def _bucket(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    # User guide of S3, "General purpose bucket naming rules".
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value) is None or ".." in value:
        raise click.BadParameter(
            f"{value!r} cannot be a bucket: 3 to 63 small letters, digits, '.' and '-'"
        )
    return value


@click.command("public-read", epilog=EPILOG)
@click.argument("bucket", callback=_bucket)
@click.option("--versions", is_flag=True, help="Older versions of objects, too.")
@click.option("--apply", is_flag=True, help="Put it on the bucket; needs --yes-make-public.")
@click.option(
    "--yes-make-public",
    is_flag=True,
    help="I know that everybody on the Internet can then read every object in the bucket.",
)
@aws_options
def command(
    bucket: str, versions: bool, apply: bool, yes_make_public: bool, settings: AwsSettings
) -> None:
    """Print a policy that lets everybody read the objects of BUCKET.

    Nothing is changed unless --apply and --yes-make-public are both given.
    """
    from sinks.bucket_policy import public_read_policy

    policy = public_read_policy(bucket, versions=versions)
    if apply and not yes_make_public:
        raise click.UsageError(
            f"--apply would let everybody read every object in {bucket}: "
            "add --yes-make-public if that is meant"
        )
    if yes_make_public and not apply:
        raise click.UsageError("--yes-make-public goes with --apply")
    click.echo(json.dumps(policy, indent=2))
    if apply:
        asyncio.run(_put(settings, bucket, policy))
        click.echo(f"everybody can now read the objects of {bucket}", err=True)


async def _put(settings: AwsSettings, bucket: str, policy: dict[str, Any]) -> None:
    from botocore.exceptions import ClientError

    from awsio.clients import AwsClients
    from awsio.retry import retry

    async with AwsClients(settings) as aws:
        client = await aws.s3()
        try:
            await retry(
                lambda: client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy)),
                f"bucket {bucket}",
                attempts=4,
            )
        except (ClientError, ConfigError) as error:
            if "BlockPublicPolicy" not in str(error) and "public policies" not in str(error):
                raise
            raise ConfigError(
                f"bucket {bucket} blocks public policies",
                remedy="that is S3's own guard; lift it first if this is meant: "
                f"aws s3api delete-public-access-block --bucket {bucket}",
            ) from error
