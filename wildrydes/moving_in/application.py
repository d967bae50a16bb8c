"""An application's parts, as a folder has them: what was taken, what is to fill in, what has no
equal here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.errors import ConfigError
from wildrydes.moving_in.node import (
    Node,
    Part,
    node,
    nodes,
    open_places,
    resource_name,
    text_of,
)

FILL_IN = "FILL-IN"
"""How a name begins that the file does not say."""


@dataclass(frozen=True, slots=True)
class NoEqual:
    """Something of the service that is not here, and what to do about it."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """A reference table: its name, its object on S3, its schema as JSON."""

    name: str
    source: str
    schema: dict[str, Any]


@dataclass(slots=True)
class Imported:
    """An application as it will be written."""

    name: str
    text: str
    stream: str | None = None
    prefix: str | None = None
    schema: dict[str, Any] = field(default_factory=dict)
    references: list[ReferenceTable] = field(default_factory=list)
    outputs: list[tuple[str, str]] = field(default_factory=list)
    """(in-application stream, URL)."""
    lambda_name: str | None = None
    """The function that the records went through."""
    taken: list[str] = field(default_factory=list)
    fill_in: list[str] = field(default_factory=list)
    no_equal: list[NoEqual] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether something is to fill in without which the text cannot be checked."""
        return any(place.startswith(("app.sql:", "schema.json:")) for place in self.fill_in)


def imported(part: Part) -> Imported:
    """Raises ConfigError for an application without text or without an input."""
    name = re.sub(r"[^\w.-]+", "-", part.name, flags=re.ASCII).strip(".-") or "application"
    if not part.text.strip():
        raise ConfigError(
            f"{part.name} has no text",
            remedy="look for ApplicationCode, TextContent or code in it; one that is on S3 has to "
            "be put in its place",
        )
    made = Imported(name, part.text.replace("\r\n", "\n").rstrip() + "\n")
    places = sorted(set(open_places(made.text)))
    if places == [made.text.strip()]:
        made.fill_in.append(f"app.sql: the whole text, which is not in this file: {places[0]}")
    else:
        made.taken.append(f"the text, {len(made.text.splitlines())} lines")
        made.fill_in += [f"app.sql: {place}" for place in places]
    if not part.inputs:
        raise ConfigError(f"{part.name} has no input", remedy="an application reads one stream")
    _take_input(made, part.inputs[0])
    for output in part.outputs:
        _take_output(made, output)
    for reference in part.references:
        _take_reference(made, reference)
    if len(part.inputs) > 1:
        made.no_equal.append(
            NoEqual(f"{len(part.inputs) - 1} more inputs", "the service had one; only it was taken")
        )
    if part.logs:
        remedy = "the processor logs to standard error: send that to CloudWatch as you do others'"
        made.no_equal.append(NoEqual("CloudWatch logging", remedy))
    return made


def _take_input(made: Imported, given: Node) -> None:
    kinesis = _either(given, "kinesisstreamsinput", "kinesisstream")
    firehose = _either(given, "kinesisfirehoseinput", "kinesisfirehose")
    made.prefix = text_of(given, "nameprefix") or None
    arn = text_of(kinesis or firehose, "resourcearn")
    made.stream = _name(made, arn, "input.stream", "the Kinesis stream to read")
    made.schema = _schema(node(given, "inputschema", "schema"))
    count = len(made.schema["RecordColumns"])
    kind = made.schema["RecordFormat"]["RecordFormatType"]
    made.taken.append(
        f"the input {made.prefix or ''}, {count} columns of {kind}".replace(" ,", ",")
    )
    if not count:
        made.fill_in.append("schema.json: RecordColumns, of which this file has none")
    made.taken.append(f"the stream {made.stream}")
    if firehose:
        remedy = "let the producers write to a Kinesis stream, and name that as input.stream"
        made.no_equal.append(NoEqual(f"an input from Firehose ({made.stream})", remedy))
    processing = _either(given, "inputprocessingconfiguration", "processingconfiguration")
    function = _either(processing, "inputlambdaprocessor", "lambda")
    if function:
        made.lambda_name = resource_name(text_of(function, "resourcearn")) or "a function"
        made.no_equal.append(
            NoEqual(
                f"the Lambda function {made.lambda_name} before the input",
                "put its Python into the folder and name it under [preprocessor] "
                "(docs/sql/moving-in.md)",
            )
        )
    parallelism = text_of(node(given, "inputparallelism", "parallelism"), "count")
    if parallelism not in ("", "1"):
        remedy = "the streams that the text reads share the shards out, whatever their number"
        made.no_equal.append(NoEqual(f"InputParallelism {parallelism}", remedy))
    starts = _either(given, "inputstartingpositionconfiguration", "startingpositionconfiguration")
    if start := text_of(starts, "inputstartingposition", "startingposition"):
        known = {"NOW": "latest", "TRIM_HORIZON": "trim-horizon"}.get(start)
        remedy = f"--start {known}" if known else "a processor goes on where its snapshot ended"
        made.no_equal.append(NoEqual(f"the starting position {start}", remedy))


def _take_output(made: Imported, given: Node) -> None:
    stream = text_of(given, "name") or text_of(given, "nameprefix")
    where = f"outputs {len(made.outputs) + 1}.url"
    format = text_of(node(given, "destinationschema", "schema"), "recordformattype")
    options = f"?format={format.lower()}" if format == "CSV" else ""
    for scheme, keys in (
        ("kinesis", ("kinesisstreamsoutput", "kinesisstream")),
        ("firehose", ("kinesisfirehoseoutput", "kinesisfirehose")),
        ("lambda", ("lambdaoutput", "lambda")),
    ):
        sink = _either(given, *keys)
        if not sink:
            continue
        name = _name(made, text_of(sink, "resourcearn"), where, f"the output of {stream}")
        made.outputs.append((stream, f"{scheme}://{name}{options}"))
        made.taken.append(f"the output {stream} to {made.outputs[-1][1]}")
        return
    made.no_equal.append(NoEqual(f"the output {stream or '?'} names no place", "add [[outputs]]"))


def _take_reference(made: Imported, given: Node) -> None:
    s3 = _either(given, "s3referencedatasource", "s3")
    where = f"reference {len(made.references) + 1}.source"
    name = text_of(given, "tablename")
    bucket = _name(made, text_of(s3, "bucketarn"), where, f"the bucket of {name}")
    source = f"s3://{bucket}/{text_of(s3, 'filekey', 'key').lstrip('/') or FILL_IN}"
    schema = _schema(node(given, "referenceschema", "schema"))
    made.references.append(ReferenceTable(name, source, schema))
    made.taken.append(f"the reference table {name} from {source}")


def _schema(given: Node) -> dict[str, Any]:
    """The InputSchema as the API has it."""
    format = node(given, "recordformat")
    parameters = node(format, "mappingparameters")
    csv = _either(parameters, "csvmappingparameters", "csv")
    rows = _either(parameters, "jsonmappingparameters", "json")
    kind = text_of(format, "recordformattype") or ("CSV" if csv else "JSON")
    mapping: dict[str, Any] = {}
    if kind == "CSV" and csv:
        mapping["CSVMappingParameters"] = {
            "RecordRowDelimiter": text_of(csv, "recordrowdelimiter") or "\n",
            "RecordColumnDelimiter": text_of(csv, "recordcolumndelimiter") or ",",
        }
    if kind == "JSON":
        path = text_of(rows, "recordrowpath") or "$"
        mapping["JSONMappingParameters"] = {"RecordRowPath": path}
    columns = []
    for column in nodes(given, "recordcolumns", "recordcolumn"):
        made = {"Name": text_of(column, "name"), "SqlType": text_of(column, "sqltype")}
        if path := text_of(column, "mapping"):
            made["Mapping"] = path
        columns.append(made)
    return {
        "RecordFormat": {"RecordFormatType": kind, "MappingParameters": mapping},
        "RecordEncoding": text_of(given, "recordencoding") or "UTF-8",
        "RecordColumns": columns,
    }


def _either(of: Mapping[str, Any], *names: str) -> Node:
    """A part under its name, or under the one that describe-application gives it."""
    return node(of, *names, *(f"{name}description" for name in names))


def _name(made: Imported, arn: str, key: str, what: str) -> str:
    """The name that an ARN ends with; one to fill in, and said so, where it is not known."""
    name = resource_name(arn)
    places = list(open_places(name))
    if name and not places:
        return name
    hint = re.sub(r"\W+", "-", " ".join(places), flags=re.ASCII).strip("-")
    filled = f"{FILL_IN}-{hint}" if hint else FILL_IN
    made.fill_in.append(f"application.toml: {key}, {what}: {arn or 'the file does not name it'}")
    return filled
