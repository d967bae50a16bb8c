"""What --state-store can be given."""

from pathlib import Path

import pytest

from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from processor.snapshot.place import LOCAL_BUCKET, Place, parse_place

AWS = AwsSettings(region="us-east-1")
LOCAL = AwsSettings("http://127.0.0.1:4566", "us-east-1")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("some/folder", Place(folder=Path("some/folder"))),
        ("s3://bucket", Place(bucket="bucket")),
        ("s3://bucket/", Place(bucket="bucket")),
        ("s3://bucket/a/b", Place(bucket="bucket", prefix="a/b/")),
        ("s3://bucket/a/b/", Place(bucket="bucket", prefix="a/b/")),
        ("dynamodb://Table_1/bucket", Place(table="Table_1", bucket="bucket")),
        ("dynamodb://Table_1/bucket/a", Place(table="Table_1", bucket="bucket", prefix="a/")),
    ],
)
def test_forms(text: str, place: Place) -> None:
    assert parse_place(text, AWS) == parse_place(text, LOCAL) == place


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("s3://", "'' cannot be a bucket"),
        ("s3://Bucket", "'Bucket' cannot be a bucket"),
        ("dynamodb://", "'' cannot be a table"),
        ("dynamodb://a b/bucket", "'a b' cannot be a table"),
        ("redis://host", "'redis' is no kind of store"),
    ],
)
def test_what_is_no_place_is_an_error_that_names_the_forms(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        parse_place(text, AWS)
    assert "dynamodb://TABLE" in (caught.value.remedy or "")


def test_a_table_needs_a_bucket_on_aws_and_has_one_on_a_local_endpoint() -> None:
    with pytest.raises(ConfigError, match="names no bucket") as caught:
        parse_place("dynamodb://snapshots", AWS)
    assert "dynamodb://snapshots/BUCKET" in (caught.value.remedy or "")
    place = parse_place("dynamodb://snapshots", LOCAL)
    assert place == Place(table="snapshots", bucket=LOCAL_BUCKET)
