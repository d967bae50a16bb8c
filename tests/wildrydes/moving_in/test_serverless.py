"""serverless.yml: its resources, and the variables in them."""

from pathlib import Path

import pytest

from wildrydes.moving_in.document import read_document

FILE = """
service: rides
provider:
  name: aws
  stage: ${opt:stage, 'dev'}
custom:
  stream: ${self:service}-${self:provider.stage}
RESOURCES
"""
RESOURCES = """
  Resources:
    Stream:
      Type: AWS::Kinesis::Stream
      Properties: {Name: "${self:custom.stream}"}
    App:
      Type: AWS::KinesisAnalytics::Application
      Properties:
        ApplicationName: ${self:service}-${env:NOBODY}
        ApplicationCode: ${file(app.sql)}
        Inputs:
          - NamePrefix: RIDES
            KinesisStreamsInput: {ResourceARN: !GetAtt Stream.Arn}
            InputSchema:
              RecordColumns: ${file(columns.json):RecordColumns}
              RecordFormat: {RecordFormatType: JSON}
"""


@pytest.mark.parametrize(
    "resources",
    [
        "resources:" + RESOURCES,
        "resources:\n  - ${file(resources.yml)}\n  - Outputs: {}",
    ],
)
def test_its_resources(tmp_path: Path, resources: str) -> None:
    (tmp_path / "app.sql").write_text("CREATE STREAM A (B INTEGER);")
    (tmp_path / "columns.json").write_text('{"RecordColumns": [{"Name": "B"}]}')
    (tmp_path / "resources.yml").write_text(RESOURCES)
    path = tmp_path / "serverless.yml"
    path.write_text(FILE.replace("RESOURCES", resources))
    (part,) = read_document(path)
    assert (part.name, part.text) == ("rides-${env:NOBODY}", "CREATE STREAM A (B INTEGER);")
    (given,) = part.inputs
    assert given["kinesisstreamsinput"]["resourcearn"] == "rides-dev"
    assert given["inputschema"]["recordcolumns"] == [{"name": "B"}]


def test_variables_that_stand_for_each_other_end(tmp_path: Path) -> None:
    path = tmp_path / "serverless.yml"
    custom = "custom: {a: '${self:custom.a}x', code: '${file(serverless.yml)}'}"
    code = "resources:" + RESOURCES.replace("file(app.sql)", "self:custom.a")
    path.write_text(
        FILE.replace("custom:", custom)
        .replace("RESOURCES", code)
        .replace("  stream: ${self:service}-${self:provider.stage}", "")
    )
    (part,) = read_document(path)
    assert part.text.startswith("${self:custom.a}x")
