"""Terraform modules of several files: variables, templates, loops and dynamic blocks."""

from pathlib import Path

import pytest

from wildrydes.moving_in.node import Part
from wildrydes.moving_in.terraform import terraform_parts

MAIN = """
resource "aws_kinesis_analytics_application" "herds" {
  name = join("-", [var.stage, "herds"])
  code = CODE
  inputs {
    name_prefix = "RIDES"
    kinesis_stream { resource_arn = data.aws_kinesis_stream.rides.arn }
    schema {
      dynamic "record_columns" {
        for_each = var.columns
        content {
          name     = record_columns.value.name
          sql_type = record_columns.value["type"]
          mapping  = "$.${record_columns.value.name}"
        }
      }
      record_format {
        mapping_parameters {
          json { record_row_path = "$" }
        }
      }
    }
  }
}
"""
LOOP = """<<EOT
-- Of each herd.
%{for herd in var.herds~}
CREATE STREAM "${herd}_RIDES" (N INTEGER);
%{endfor~}
-- Of stage ${var.stage}, ${var.nobody}.
EOT"""
VARIABLES = """
variable "stage" { default = "test" }
variable "herds" {
  type    = list(string)
  default = ["NORTH", "SOUTH"]
}
variable "columns" { type = list(object({ name = string, type = string })) }
data "aws_kinesis_stream" "rides" { name = local.stream }
locals { stream = "rides-${var.stage}" }
"""
VALUES = """
stage   = "prod"
columns = [{ name = "Name", type = "VARCHAR(16)" }, { name = "Metres", type = "DOUBLE" }]
"""


def _part(folder: Path, code: str) -> Part:
    (folder / "variables.tf").write_text(VARIABLES)
    (folder / "terraform.tfvars").write_text(VALUES)
    (folder / "broken.tf").write_text("resource {")
    path = folder / "main.tf"
    (part,) = terraform_parts(MAIN.replace("CODE", code), path)
    return part


def test_the_other_files_of_a_module_say_what_its_variables_are(tmp_path: Path) -> None:
    part = _part(tmp_path, LOOP)
    assert part.name == "prod-herds"
    assert part.text == (
        "-- Of each herd.\n"
        'CREATE STREAM "NORTH_RIDES" (N INTEGER);\n'
        'CREATE STREAM "SOUTH_RIDES" (N INTEGER);\n'
        "-- Of stage prod, ${var.nobody}."
    )
    (given,) = part.inputs
    assert given["kinesisstream"][0]["resourcearn"] == "rides-prod"
    columns = given["schema"][0]["recordcolumns"]
    assert [(c["name"], c["sqltype"], c["mapping"]) for c in columns] == [
        ("Name", "VARCHAR(16)", "$.Name"),
        ("Metres", "DOUBLE", "$.Metres"),
    ]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('templatefile("${path.module}/a.sql", { n = 5, of = var.herds })', "5 NORTH SOUTH "),
        ('templatefile("a.sql", {\n n : "x"\n of : ["A"] })', "x A "),
        ('file("${path.module}/a.sql")', "${n} %{ for h in of ~} ${h} %{ endfor ~}"),
        ('"${file("a.sql")}"', "${n} %{ for h in of ~} ${h} %{ endfor ~}"),
        ('join("\\n", ["a", "b ${var.stage}"])', "a\nb prod"),
        ('format("%s: %d", upper(var.stage), 3)', "PROD: 3"),
        ('replace("a_b", "_", "-")', "a-b"),
        ('trimspace(" a ")', "a"),
        ("var.herds[1]", "SOUTH"),
        # What is not known stays, to be filled in.
        ('file("missing.sql")', '${file("missing.sql")}'),
        ("var.nobody", "${var.nobody}"),
        ('join(",", var.nobody)', '${join(",", var.nobody)}'),
    ],
)
def test_expressions(tmp_path: Path, code: str, text: str) -> None:
    (tmp_path / "a.sql").write_text("${n} %{ for h in of ~} ${h} %{ endfor ~}")
    assert _part(tmp_path, code).text == text


def test_names_that_stand_for_each_other_end(tmp_path: Path) -> None:
    lines = [f'a{i} = "${{local.a{i + 1}}}${{local.a{i + 1}}}"' for i in range(40)]
    (tmp_path / "locals.tf").write_text("locals {\n" + "\n".join(lines) + "\na40 = local.a0\n}")
    assert "${" in _part(tmp_path, "local.a0").text
