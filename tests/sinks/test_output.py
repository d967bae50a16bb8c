"""Outputs as they are written: `[STREAM=]URL`."""

import pytest

from fleet.errors import ConfigError
from sinks.output import Output, check_streams, parse_output, sink_names


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("dynamodb://UnicornSensorData", Output("dynamodb", "UnicornSensorData")),
        ("ALARMS=kinesis://alarms", Output("kinesis", "alarms", stream="ALARMS")),
        ("A$1=kinesis://a?format=csv", Output("kinesis", "a", {"format": "csv"}, "A$1")),
        ("error_stream=file:errors.jsonl", Output("file", "errors.jsonl", stream="error_stream")),
        ("file:///var/rows.jsonl", Output("file", "/var/rows.jsonl")),
        ("file:a=b.jsonl", Output("file", "a=b.jsonl")),
        (
            "postgresql://me@127.0.0.1:5432/rides?table=t%3F&ttl=",
            Output("postgresql", "me@127.0.0.1:5432/rides", {"table": "t?", "ttl": ""}),
        ),
    ],
)
def test_an_output_is_taken_apart(text: str, output: Output) -> None:
    assert parse_output(text) == output


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UnicornSensorData",
        "dynamodb://",
        "dynamodb:///",
        "=dynamodb://t",
        "1A=dynamodb://t",
        "my stream=dynamodb://t",
        "kinesis://a?format=csv&format=json",
        "kinesis://a?&",
    ],
)
def test_what_is_no_output_is_an_error_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_output(text)
    assert text in str(error.value)
    assert error.value.remedy


def test_sinks_have_names_of_their_own_as_short_as_can_be() -> None:
    outputs = [
        Output("dynamodb", "Rows"),
        Output("kinesis", "a"),
        Output("kinesis", "b", stream="B"),
        Output("kinesis", "c", stream="B"),
        Output("kinesis", "c", stream="C"),
        Output("kinesis", "c"),
    ]
    assert sink_names(outputs) == [
        "dynamodb",
        "kinesis:a",
        "kinesis:b",
        "kinesis:c:B",
        "kinesis:c:C",
        "kinesis:c:*",
    ]


def test_streams_that_the_application_does_not_have() -> None:
    outputs = [Output("kinesis", "a", stream="A"), Output("kinesis", "b", stream="B")]
    check_streams(outputs, ["A", "B"])
    with pytest.raises(ConfigError, match="kinesis://b: the application has no stream B") as error:
        check_streams(outputs, ["A", "error_stream"])
    assert error.value.remedy == "its streams are A, error_stream"


def test_a_password_is_never_shown() -> None:
    output = parse_output("ALARMS=postgresql://me:hay%2F7@db:5432/rides?table=alarms")
    assert output.place == "me:hay%2F7@db:5432/rides"
    assert output.where == "db:5432/rides?table=alarms"
    assert str(output) == "postgresql://db:5432/rides?table=alarms"
    other = parse_output("postgresql://me:hay%2F7@db:5432/rides?table=rides")
    assert sink_names([output, other]) == [
        "postgresql:db:5432/rides?table=alarms",
        "postgresql:db:5432/rides?table=rides",
    ]
    for text in (
        "my stream=postgresql://me:hay@db/r",
        "postgresql://me:hay@db/r?a=1&a=2&password=hay",
    ):
        with pytest.raises(ConfigError) as error:
            parse_output(text)
        assert "hay" not in str(error.value)
        assert "***" in str(error.value)


def test_an_at_sign_in_a_path_is_part_of_it() -> None:
    assert str(parse_output("file:me@home/rows.jsonl")) == "file:me@home/rows.jsonl"
