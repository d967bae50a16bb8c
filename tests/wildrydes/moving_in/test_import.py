"""One application in the five shapes that people have it in: imported, checked, and run."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from analytics_sql.manifest import Manifest
from fleet.errors import ConfigError
from wildrydes import cli
from wildrydes.moving_in.document import read_document
from wildrydes.moving_in.node import NODES_MAX

HERE = Path(__file__).parent
SHAPES = ("describe_v1.json", "describe_v2.json", "template.json", "template.yaml", "main.tf")
TEXT = """-- Tired unicorns.
CREATE OR REPLACE STREAM "ALARMS" ("Name" VARCHAR(16), POINTS SMALLINT);
CREATE OR REPLACE PUMP "ALARM_PUMP" AS INSERT INTO "ALARMS"
SELECT STREAM "Name", "HealthPoints" FROM "RIDES_001" WHERE "HealthPoints" < 100;
"""
MAIN_TF = (HERE / "main.tf").read_text()
RECORDS = '{"Name":"Arion","HealthPoints":90}\n{"Name":"Balios","HealthPoints":100}\n'


class Sql:
    """Calls `wildrydes sql ...` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main(["sql", *map(str, words)])
        shown = self._capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, shown.out, shown.err


@pytest.fixture
def sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sql:
    monkeypatch.chdir(tmp_path)
    return Sql(capsys)


def imported(sql: Sql, path: Path, *flags: str) -> Any:
    code, shown, errors = sql("import", path, "--json", *flags)
    assert (code, errors) == (0, "")
    return json.loads(shown)


@pytest.mark.parametrize("shape", SHAPES)
def test_imported_checked_and_run(sql: Sql, shape: str) -> None:
    report = imported(sql, HERE / shape)
    home = Path(report["folder"])
    assert (str(home), report["errors"]) == ("ride-alarms", [])
    assert (home / "app.sql").read_text() == TEXT
    read = Manifest.read(home / "application.toml")
    assert read.stream == ("FILL-IN-Source" if shape == "template.yaml" else "readings")
    assert read.schema.name_prefix == "RIDES"
    assert read.outputs[0] == "ALARMS=kinesis://ride-alarms?format=csv"
    assert sql("check", home)[:2] == (0, "ride-alarms: ok, puts out ALARMS\n")
    Path("records.jsonl").write_text(RECORDS)
    code, shown, _ = sql("run", home, "--input", "records.jsonl", "--output", "ALARMS")
    assert (code, shown) == (0, '{"Name":"Arion","POINTS":90}\n')


@pytest.mark.parametrize("shape", ["describe_v1.json", "template.json", "main.tf"])
def test_reference_tables(sql: Sql, shape: str) -> None:
    home = Path(imported(sql, HERE / shape)["folder"])
    (table,) = Manifest.read(home / "application.toml").references
    bucket = "FILL-IN-OtherBucket" if shape == "template.json" else "stables"
    assert (table.name, table.source) == ("HERDS", f"s3://{bucket}/herds/herds.csv")
    assert [column.name for column in table.schema.columns] == ["Name", "Herd"]


def test_what_is_to_fill_in(sql: Sql) -> None:
    assert imported(sql, HERE / "template.json")["fill_in"] == [
        "application.toml: reference 1.source, the bucket of HERDS: arn:aws:s3:::${OtherBucket}"
    ]
    assert imported(sql, HERE / "template.yaml", "--force")["fill_in"] == [
        "application.toml: input.stream, the Kinesis stream to read: "
        "arn:aws:kinesis:${AWS::Region}:${AWS::AccountId}:stream/${Source}"
    ]


def test_what_has_no_equal_here(sql: Sql) -> None:
    first = imported(sql, HERE / "describe_v1.json")["no_equal"]
    assert [each["what"] for each in first] == [
        "the Lambda function clean-rides before the input",
        "the starting position NOW",
        "CloudWatch logging",
    ]
    assert first[1]["remedy"] == "--start latest"
    text = Path("ride-alarms/application.toml").read_text()
    assert "[preprocessor]" in text
    assert 'url = "lambda://page-someone"' in text
    second = imported(sql, HERE / "describe_v2.json", "--force")["no_equal"]
    assert second[0]["what"] == "InputParallelism 2"
    assert 'url = "firehose://ride-errors"' in Path("ride-alarms/application.toml").read_text()


def test_the_output_of_the_docs(sql: Sql) -> None:
    page = (HERE.parents[2] / "docs/sql/moving-in.md").read_text()
    (text,) = re.findall(r"^```text\n(ride-alarms.*?)^```", page, re.M | re.S)
    assert sql("import", HERE / "template.json") == (0, text, "")


def test_nothing_is_written_over(sql: Sql) -> None:
    home = Path("rides")
    home.mkdir()
    (home / "app.sql").write_text("mine")
    code, shown, errors = sql("import", HERE / "main.tf", "--output", home)
    assert (code, shown) == (1, "")
    assert "rides has app.sql already" in errors
    assert "--force" in errors
    assert [path.name for path in home.iterdir()] == ["app.sql"]
    assert sql("import", HERE / "main.tf", "--output", home, "--force")[0] == 0
    assert (home / "app.sql").read_text() == TEXT


def test_a_text_that_does_not_run_is_said_with_its_place(sql: Sql, tmp_path: Path) -> None:
    value = json.loads((HERE / "describe_v1.json").read_bytes())
    value["ApplicationDetail"]["ApplicationCode"] = "CREATE STREAM A (B WORD);"
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(value))
    code, shown, _ = sql("import", path)
    assert code == 0
    assert "app.sql:1:20: there is no type WORD" in shown


def test_several_applications(sql: Sql, tmp_path: Path) -> None:
    template = json.loads((HERE / "template.json").read_bytes())
    resources = template["Resources"]
    second = json.loads(json.dumps(resources["Rides"]))
    second["Properties"]["ApplicationName"] = "second"
    output = json.loads(json.dumps(resources["AlarmOutput"]))
    output["Properties"]["ApplicationName"] = "second"
    output["Properties"]["Output"]["KinesisStreamsOutput"]["ResourceARN"] = "arn:x:stream/two"
    resources |= {"Second": second, "SecondOutput": output}
    path = tmp_path / "two.json"
    path.write_text(json.dumps(template))
    code, _, errors = sql("import", path)
    assert code == 1
    assert "choose one with --name: ride-alarms, second" in errors
    imported(sql, path, "--name", "second")
    read = Manifest.read(Path("second/application.toml"))
    assert read.outputs == ("ALARMS=kinesis://two?format=csv",)
    assert read.references == ()


def test_what_create_application_takes(sql: Sql, tmp_path: Path) -> None:
    described = json.loads((HERE / "describe_v2.json").read_bytes())["ApplicationDetail"]

    def request(value: Any) -> Any:
        """The same keys as create-application has them."""
        if isinstance(value, list):
            return [request(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            re.sub("Descriptions?$", lambda m: "s" * m[0].endswith("s"), key): request(item)
            for key, item in value.items()
        }

    path = tmp_path / "create.json"
    path.write_text(json.dumps(request(described)))
    report = imported(sql, path)
    assert (report["folder"], report["errors"]) == ("ride-alarms", [])
    assert Path("ride-alarms/app.sql").read_text() == TEXT
    read = Manifest.read(Path("ride-alarms/application.toml"))
    assert read.outputs[0] == "ALARMS=kinesis://ride-alarms?format=csv"


def test_intrinsic_functions(sql: Sql, tmp_path: Path) -> None:
    template = json.loads((HERE / "template.json").read_bytes())
    template["Mappings"] = {"Streams": {"prod": {"Name": "from-map"}}}
    template["Parameters"] = {"Stage": {"Type": "String", "Default": "prod"}}
    named = {"Fn::FindInMap": ["Streams", {"Ref": "Stage"}, "Name"]}
    properties = template["Resources"]["Rides"]["Properties"]
    given = properties["Inputs"][0]["KinesisStreamsInput"]
    given["ResourceARN"] = {"Fn::Join": ["/", ["arn:aws:kinesis:a:1:stream", named]]}
    split = {"Fn::Split": ["|", "one|two"]}
    properties["ApplicationName"] = {"Fn::Select": ["1", split]}
    output = template["Resources"]["AlarmOutput"]["Properties"]["Output"]
    value = {"Fn::ImportValue": "Alarms:Arn"}
    output["KinesisStreamsOutput"]["ResourceARN"] = {"Fn::Sub": ["arn:x/${N}", {"N": value}]}
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))
    report = imported(sql, path)
    assert report["folder"] == "two"
    read = Manifest.read(Path("two/application.toml"))
    assert read.stream == "from-map"
    assert "FILL-IN-Fn-ImportValue-Alarms-Arn" in read.outputs[0]


def test_a_text_that_is_elsewhere_is_to_fill_in(sql: Sql, tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    text = re.sub(r"code = <<-SQL.*?\n  SQL", 'code = file("missing.sql")', MAIN_TF, flags=re.S)
    path.write_text(text)
    code, shown, _ = sql("import", path)
    assert code == 0
    assert 'app.sql: the whole text, which is not in this file: ${file("missing.sql")}' in shown
    assert "fill in what is said above, then wildrydes sql check ride-alarms" in shown
    assert "cannot stand without quotes" not in shown


def test_terraform_of_the_second_version(sql: Sql, tmp_path: Path) -> None:
    (tmp_path / "rides.sql").write_text(TEXT)
    path = tmp_path / "v2.tf"
    path.write_text("""
resource "aws_kinesisanalyticsv2_application" "ride-alarms" {
  name                = "ride-alarms"
  runtime_environment = "SQL-1_0"
  application_configuration {
    application_code_configuration {
      code_content_type = "PLAINTEXT"
      code_content { text_content = file("${path.module}/rides.sql") }
    }
    sql_application_configuration {
      input {
        name_prefix = "RIDES"
        input_schema {
          record_column {
            name     = "HealthPoints"
            sql_type = "SMALLINT"
            mapping  = "$.HealthPoints"
          }
          record_column {
            name     = "Name"
            sql_type = "VARCHAR(16)"
            mapping  = "$.Name"
          }
          record_format {
            record_format_type = "JSON"
            mapping_parameters { json_mapping_parameters { record_row_path = "$" } }
          }
        }
        kinesis_streams_input { resource_arn = var.unknown }
      }
      output {
        name = "ALARMS"
        destination_schema { record_format_type = "JSON" }
        kinesis_firehose_output { resource_arn = "arn:aws:firehose:a:1:deliverystream/alarms" }
      }
    }
  }
}
""")
    report = imported(sql, path)
    assert (report["errors"], len(report["fill_in"])) == ([], 1)
    read = Manifest.read(Path("ride-alarms/application.toml"))
    assert read.stream == "FILL-IN-var-unknown"
    assert Path("ride-alarms/app.sql").read_text() == TEXT


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.json", "{", "is not JSON"),
        ("a.json", "[1]", "is not one object"),
        ("a.json", "{}", "has no SQL application"),
        ("a.json", '{"Resources": {"A": 3}}', "has no SQL application"),
        ("a.json", '{"ApplicationDetail": {"ApplicationName": "a"}}', "has no SQL application"),
        (
            "a.json",
            '{"ApplicationDetail": {"ApplicationName": "a", "RuntimeEnvironment": "FLINK-1_18"}}',
            "runtime is FLINK-1_18, which is no SQL",
        ),
        ("a.yaml", "a: [", "is neither JSON nor YAML"),
        ("a.yaml", "just text", "is not one object"),
        ("a.yaml", "!!python/object/apply:os.getcwd []", "is neither JSON nor YAML"),
        ("a.tf", "resource {", "is not HCL"),
        ("a.tf", 'variable "a" {}', "has no SQL application"),
    ],
)
def test_files_that_have_none(tmp_path: Path, name: str, text: str, reason: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        read_document(path)


def test_few_lines_that_stand_for_many_values(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    path = tmp_path / "laughs.yaml"
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigError, match=f"more than {NODES_MAX:,} values"):
        read_document(path)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    shutil.copy(HERE / "main.tf", tmp_path / "main.tf")
    (tmp_path / "main.tf").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        read_document(tmp_path / "main.tf")
