"""The lab, step by step. A stranger without credentials tries to read after each."""

import json
from pathlib import Path

from awsio.clients import AwsClients
from fleet.settings import AwsSettings
from labs.lab_run import LabRun
from labs.report import Report
from labs.s3.bucket import Bucket
from labs.s3.picture import drawn, given, origin
from labs.s3.steps import Steps
from labs.s3.stranger import Stranger
from sinks.bucket_policy import public_read_policy

KEY = "ride"
PAGE = "index.html"
DEFAULT_REGION = "us-east-1"

CLOSED = "Access control in Amazon S3: all is private unless granted"
OPENED = "Bucket policy examples: granting read-only permission to a public anonymous user"
VERSIONS = "Retrieving object versions: s3:GetObjectVersion"
MARKER = "Working with delete markers"


async def run(run: LabRun, settings: AwsSettings, name: str) -> Report:
    """Bucket `name` at the endpoint of `settings` is left closed, with the picture's versions and
    the page in it. Raises ConfigError for a bucket or a picture that cannot be used.
    """
    first, media_type, second = _pictures(run.data, run.seed)
    report = Report(
        "s3",
        "S3: who may read a file",
        "Who can read a file on S3, when, and which version of it?",
        run.seed,
        origins=[origin(run.data, run.seed)],
    )
    steps = Steps()
    async with AwsClients(settings) as aws, Stranger(_address(settings, name)) as stranger:
        bucket = Bucket(aws, await aws.s3(), name)
        run.say(f"bucket {name}")
        await bucket.make()
        try:
            await _reading(bucket, stranger, steps, first, media_type)
            await _versions(bucket, stranger, steps, first, second, media_type)
            await _page(bucket, stranger, steps)
        finally:
            await bucket.close()
        seen = await stranger.get(KEY)
        steps.add("policy deleted, public access blocked", KEY, seen, expected=403, source=CLOSED)
        versions = await bucket.versions(KEY)
    return _told(report, steps, name, stranger.address, len(versions))


def _pictures(data: Path | None, seed: int) -> tuple[bytes, str, bytes]:
    """The picture, its media type, and what replaces it."""
    if data is None:
        return drawn(seed, 1), "image/png", drawn(seed, 2)
    picture, media_type = given(data)
    # A second version of somebody's picture has to differ, and to be what a reader can tell.
    return picture, media_type, drawn(seed, 2)


def _address(settings: AwsSettings, name: str) -> str:
    if settings.endpoint_url is not None:
        return f"{settings.endpoint_url.rstrip('/')}/{name}"
    return f"https://s3.{settings.region or DEFAULT_REGION}.amazonaws.com/{name}"


async def _reading(
    bucket: Bucket, stranger: Stranger, steps: Steps, picture: bytes, media_type: str
) -> None:
    await bucket.put(KEY, picture, media_type)
    seen = await stranger.get(KEY)
    steps.add("bucket made, picture uploaded", KEY, seen, expected=403, source=CLOSED)
    await bucket.open(versions=False)
    seen = await stranger.get(KEY)
    steps.add(
        "policy allows s3:GetObject to everybody", KEY, seen, expected=200, source=OPENED,
        body=picture,
    )  # fmt: skip


async def _versions(
    bucket: Bucket,
    stranger: Stranger,
    steps: Steps,
    first: bytes,
    second: bytes,
    media_type: str,
) -> None:
    old = (await bucket.versions(KEY))[0]
    await bucket.put(KEY, second, "image/png")
    seen = await stranger.get(KEY)
    steps.add("uploaded again", KEY, seen, expected=200, source=VERSIONS, body=second)
    seen = await stranger.get(KEY, old)
    older = f"{KEY}, its first version"
    steps.add("the same policy", older, seen, expected=403, source=VERSIONS)
    await bucket.open(versions=True)
    seen = await stranger.get(KEY, old)
    steps.add(
        "policy allows s3:GetObjectVersion too", older, seen, expected=200, source=VERSIONS,
        body=first,
    )  # fmt: skip
    marker = await bucket.delete(KEY)
    seen = await stranger.get(KEY)
    steps.add("picture deleted", KEY, seen, expected=404, source=MARKER)
    await bucket.delete(KEY, marker)
    seen = await stranger.get(KEY)
    steps.add("delete marker deleted", KEY, seen, expected=200, source=MARKER, body=second)


async def _page(bucket: Bucket, stranger: Stranger, steps: Steps) -> None:
    page = (
        "<!doctype html>\n<html lang=en>\n<title>One ride</title>\n"
        f'<p><img src="{KEY}" alt="A map of one ride">\n</html>\n'
    ).encode()
    await bucket.put(PAGE, page, "text/html; charset=utf-8")
    seen = await stranger.get(PAGE)
    steps.add(
        "page with the picture uploaded", PAGE, seen, expected=200,
        source="Hosting a static website: uploading an index document", body=page,
    )  # fmt: skip


def _told(report: Report, steps: Steps, name: str, address: str, versions: int) -> Report:
    apart = steps.apart
    report.answer = (
        f"A stranger read {sum(s.seen == 200 for s in steps.all)} of {len(steps.all)} times, "
        + (
            "each time as S3's user guide says."
            if not apart
            else f"and {len(apart)} of the answers are not S3's: {apart[0].done}, {apart[0].asked}."
        )
    )
    report.table(
        f"What a stranger saw at {address}",
        ("step", "then asked for", "S3 answers", "answer", "", "S3 user guide"),
        [
            (s.done, s.asked, s.expected, s.seen, s.note + ("" if s.agrees else " (not S3's)"),
             s.source)
            for s in steps.all
        ],
        numbers=("S3 answers", "answer"),
    )  # fmt: skip
    report.heading("The policy that opened it")
    report.text(
        "Nothing but the policy changed between the answers. It is the one that `wildrydes policy "
        "public-read --versions` writes; a new bucket's block of public access has to be lifted "
        "before S3 takes it."
    )
    report.code(json.dumps(public_read_policy(name, versions=True), indent=2))
    report.results.update(
        bucket=name,
        versions=versions,
        as_s3=not apart,
        steps=[
            {"done": s.done, "asked": s.asked, "expected": s.expected, "seen": s.seen}
            for s in steps.all
        ],
    )
    return report
