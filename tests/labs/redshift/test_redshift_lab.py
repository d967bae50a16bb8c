"""The lab as a whole on DuckDB; its answers are counted again without it."""

import asyncio
import gzip
import json
from contextlib import closing
from pathlib import Path

import boto3
import duckdb
import polars as pl
import pytest
from botocore.config import Config
from click.testing import CliRunner

from fleet.errors import ConfigError, ResourceMissing, SqlErrors
from fleet.settings import AwsSettings
from labs.lab_run import LabRun
from labs.redshift.lab import chosen_data
from labs.redshift.users import FILE, LIKES, generate
from tests.labs.redshift.conftest import answers
from wildrydes.cli import wildrydes

NAMES = ["userid", "username", "firstname", "lastname", "city", "state", "email", "phone", *LIKES]


def polars_users(path: Path) -> pl.DataFrame:
    """The file as Polars reads it."""
    return pl.read_csv(path, separator="|", has_header=False, new_columns=NAMES, quote_char=None)


def test_the_generated_users_have_the_published_figures(tmp_path: Path) -> None:
    generate(tmp_path, 7)
    users = polars_users(tmp_path / FILE)
    sports, vegas = users["likesports"], users["likevegas"]
    assert users.height == 49_990
    assert (vegas & sports).sum() == 2_128
    assert (vegas | sports).sum() == 18_968
    assert users["username"].str.len_bytes().unique().to_list() == [8]
    assert users["phone"].str.len_bytes().unique().to_list() == [14]
    assert users["username"].n_unique() == 49_990
    assert all(0 < users[like].null_count() < 49_990 for like in LIKES)
    about = (tmp_path / "README.txt").read_text()
    assert "GENERATED DATA" in about
    assert "by construction" in about.replace("\n", " ")


def test_the_same_seed_makes_the_same_users(tmp_path: Path) -> None:
    made = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        generate(tmp_path / name, seed)
        made.append((tmp_path / name / FILE).read_bytes())
    assert made[0] == made[1] != made[2]


def test_the_lab_answers_as_polars_does(run_script, tmp_path: Path) -> None:
    report = run_script()
    users = polars_users(tmp_path / "data" / FILE)
    fans = users.filter(pl.col("likevegas") & pl.col("likesports"))
    by_answer = (
        users.group_by("likevegas", "likesports").len().sort(
            "likevegas", "likesports", nulls_last=True
        )
    )  # fmt: skip
    by_state = fans.group_by("state").len().sort(["len", "state"], descending=[True, False])
    nevada = fans.filter(pl.col("state") == "NV").sort("lastname", "firstname", "userid")
    assert answers(report) == [
        [[49_990]],
        [[2_128]],
        [[18_968]],
        [list(row) for row in by_answer.rows()],
        [list(row) for row in by_state.head(10).rows()],
        [
            list(row)
            for row in nevada.head(10)
            .select("username", "firstname", "lastname", "city", "email")
            .rows()
        ],
    ]
    assert report.answer == (
        "Of 49,990 users 2,128 like Vegas and sports, and 18,968 Vegas or sports."
    )
    assert report.results["failed"] is False
    assert report.origins[0].kind == "generated"
    assert "DISTKEY has no effect" in report.html()
    assert "<td>NULL</td>" in report.html(), "told from an empty text"


def test_every_field_is_what_another_reader_reads(run_script, tmp_path: Path) -> None:
    run_script()
    columns = {name: "BOOLEAN" if name in LIKES else "VARCHAR" for name in NAMES}
    columns["userid"] = "INTEGER"
    with duckdb.connect(str(tmp_path / "redshift.duckdb"), read_only=True) as database:
        ours = database.execute("SELECT * FROM users ORDER BY userid").fetchall()
        theirs = database.execute(
            f"SELECT * FROM read_csv('{tmp_path / 'data' / FILE}', delim='|', header=false, "
            f"quote='', columns={columns}) ORDER BY userid"
        ).fetchall()
    assert len(ours) == 49_990
    assert ours == theirs


def test_given_users_give_their_own_figures(run_script, tmp_path: Path) -> None:
    line = "{}|JOE00001|Joe|Doe|Reno|NV|j@example.com|(775) 555-0100|{}||||||TRUE|{}||\n"
    given = [("TRUE", "TRUE"), ("TRUE", ""), ("FALSE", "FALSE"), ("", "TRUE"), ("", "")]
    path = tmp_path / "users.txt"
    path.write_text("".join(line.format(i, *likes) for i, likes in enumerate(given)))
    report = run_script(data=path)
    assert answers(report)[:3] == [[[5]], [[1]], [[3]]]
    assert report.origins[0].kind == "given"
    assert "GENERATED" not in report.html()


TABLE = "CREATE TABLE t (a int NOT NULL, b varchar(3), c boolean);"
COPY = "COPY t FROM 's3://lab/in/t.txt' DELIMITER '|' MAXERROR {};"
READ = "SELECT * FROM t ORDER BY a; SELECT query, tbl, filename, line_number, colname, type, "
READ += "col_length, raw_line, raw_field_value, err_code FROM stl_load_errors ORDER BY line_number;"
MIXED = b"1|abc|t\n2|abcd|f\nx|a|t\n4|b|maybe\n5|c\n|d|t\n7|e|f|g\n8||\n"
REFUSED = [
    [1, "t", "s3://lab/in/t.txt", 2, "b", "varchar", "3", "2|abcd|f", "abcd", 1204],
    [1, "t", "s3://lab/in/t.txt", 3, "a", "integer", "", "x|a|t", "x", 1207],
    [1, "t", "s3://lab/in/t.txt", 4, "c", "boolean", "", "4|b|maybe", "maybe", 1210],
    [1, "t", "s3://lab/in/t.txt", 5, "b", "varchar", "3", "5|c", "c", 1214],
    [1, "t", "s3://lab/in/t.txt", 6, "a", "integer", "", "|d|t", "", 1213],
    [1, "t", "s3://lab/in/t.txt", 7, "", "", "", "7|e|f|g", "", 1202],
]


def test_malformed_lines_stand_in_stl_load_errors(run_script) -> None:
    report = run_script(TABLE + COPY.format(7) + READ, {"t.txt": MIXED})
    assert answers(report) == [[[1, "abc", True], [8, "", None]], REFUSED]
    assert report.results["loads"] == [{"table": "t", "rows": 2, "refused": 6}]
    assert report.answer == "1 COPY: 2 rows loaded, 6 lines refused; 2 queries."
    assert "stl_load_errors" in report.html()


def test_as_many_errors_as_maxerror_load_nothing_and_end_the_script(run_script, tmp_path) -> None:
    before = "INSERT INTO t VALUES (0, 'old', true);"
    report = run_script(TABLE + before + COPY.format(6) + READ, {"t.txt": MIXED})
    assert report.results["failed"] is True
    assert report.results["queries"] == []
    assert report.results["loads"] == [{"table": "t", "rows": 0, "refused": 6}]
    assert "loaded nothing: 6 error(s), and MAXERROR 6 stops there" in report.answer
    with duckdb.connect(str(tmp_path / "redshift.duckdb"), read_only=True) as database:
        assert database.execute("SELECT * FROM t").fetchall() == [(0, "old", True)]
        found = database.execute("SELECT line_number FROM stl_load_errors ORDER BY 1").fetchall()
    assert [line for (line,) in found] == [2, 3, 4, 5, 6, 7]


def test_noload_checks_and_loads_nothing(run_script) -> None:
    report = run_script(TABLE + COPY.format("7 NOLOAD") + READ, {"t.txt": MIXED})
    assert answers(report) == [[], REFUSED]
    assert report.results["loads"] == [{"table": "t", "rows": 0, "refused": 6}]
    assert report.answer == "1 COPY: 0 rows loaded, 6 lines refused; 2 queries."


def test_every_object_under_the_prefix_is_loaded_each_with_its_header(run_script) -> None:
    script = (
        TABLE + "COPY t (c, a) FROM 's3://lab/in/part' IGNOREHEADER 1; SELECT * FROM t ORDER BY a;"
    )
    files = {"part1": b"c|a\nt|1\n", "part2": b"c|a\nf|2\n", "other": b"c|a\nt|3\n"}
    assert answers(run_script(script, files)) == [[[1, None, True], [2, None, False]]]


def test_an_empty_file(run_script) -> None:
    with pytest.raises(ConfigError, match=r"s3://lab/in/t\.txt has no line"):
        run_script(TABLE + COPY.format(1), {"t.txt": b""})


def test_a_bucket_that_is_not_there(run_script) -> None:
    with pytest.raises(ResourceMissing, match="bucket nobodys: The specified bucket does not"):
        run_script(TABLE + "COPY t FROM 's3://nobodys/t.txt'", {"other": b"1|a|t\n"})


def test_a_key_that_is_not_there(run_script) -> None:
    copies = COPY.format(1) + "COPY t FROM 's3://lab/elsewhere';"
    with pytest.raises(ConfigError, match="there is nothing at s3://lab/elsewhere"):
        run_script(TABLE + copies, {"t.txt": b"1|a|t\n"})


# Wrong statements run nothing, not even those before them.
WRONG = [
    ("SELECT 1;\nSELEC 2", 2, 7),
    ("SELECT 1;\nUNLOAD ('SELECT 1') TO 's3://a/b'", 2, 1),
    ("BEGIN; SELECT 1; COMMIT", 1, 1),
    (TABLE + "\nCOPY t FROM 's3://a/b' JSON 'auto'", 2, 24),
    ("COPY other FROM 's3://lab/in/t.txt'", 1, 6),
    (TABLE + "\nCOPY t (a, z) FROM 's3://lab/in/t.txt'", 2, 6),
]


@pytest.mark.parametrize(("script", "line", "column"), WRONG)
def test_a_wrong_script(run_script, script: str, line: int, column: int) -> None:
    with pytest.raises(SqlErrors) as caught:
        run_script(script, {"t.txt": b"1|a|t\n"})
    assert (caught.value.errors[0].line, caught.value.errors[0].column) == (line, column)


def test_what_the_engine_refuses_has_a_place(run_script) -> None:
    for script, line, column, message in (
        ("\nSELECT a,\n  nope FROM t", 3, 3, r'DuckDB: .*"nope"'),
        ("\nINSERT INTO t VALUES (NULL, 'x', true)", 2, 1, "NOT NULL"),
    ):
        with pytest.raises(SqlErrors, match=message) as caught:
            run_script(TABLE + script, {})
        assert (caught.value.errors[0].line, caught.value.errors[0].column) == (line, column)


def test_what_lies_on_s3_is_loaded_as_it_is(run_script, runner, endpoint) -> None:
    def upload() -> None:
        with closing(s3_of(endpoint.url)) as s3:
            s3.create_bucket(Bucket="theirs")
            s3.put_object(Bucket="theirs", Key="deep/er/t.gz", Body=gzip.compress(b"1|a|t\n"))

    # The endpoint serves while the loop runs.
    runner.run(asyncio.to_thread(upload))
    report = run_script(TABLE + "COPY t FROM 's3://theirs/deep' GZIP; SELECT * FROM t")
    assert answers(report) == [[[1, "a", True]]]
    assert report.origins[0].sentence == f"Data: what lies on S3 at {endpoint.url}, as given."


def s3_of(url: str):
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="me",
        aws_secret_access_key="me",
        config=Config(s3={"addressing_style": "path"}),
    )


def test_nothing_is_written_to_an_endpoint_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"1|a|t\n")
    given = LabRun(out=tmp_path, say=lambda _: None, data=tmp_path / "t.txt")
    for url, names in (("http://127.0.0.1:4566", {"t.txt"}), ("https://s3.example", set())):
        uploads, _ = chosen_data(given, AwsSettings(url), is_own=False)
        assert set(uploads) == names


def test_redshifts_functions_are_translated(run_script) -> None:
    script = "SELECT nvl(NULL, 'x') AS a, len('abc') AS b, date_trunc('month', '2008-02-05'::date) "
    script += "AS c, 7 / 2 AS d; VACUUM; ANALYZE t;"
    assert answers(run_script(script, {})) == [[["x", 3, "2008-02-01 00:00:00", 3]]]


def test_the_command_says_what_it_did_and_fails_with_the_copy(tmp_path: Path) -> None:
    (tmp_path / "users.txt").write_text("1,2\n")
    out = tmp_path / "out"
    arguments = ["lab", "run", "redshift", "--out", str(out), "--data", str(tmp_path / "users.txt")]
    ran = CliRunner().invoke(wildrydes, [*arguments, "--json"], standalone_mode=False)
    assert ran.return_value == 1
    results = json.loads(ran.stdout)["results"]
    assert results["failed"] is True
    assert results["load_errors"][0]["err_reason"] == "Delimiter not found"
    assert json.loads((out / "report.json").read_text())["results"] == results


def test_replace_is_for_a_server(tmp_path: Path) -> None:
    arguments = ["lab", "run", "redshift", "--out", str(tmp_path), "--replace"]
    ran = CliRunner().invoke(wildrydes, arguments)
    assert ran.exit_code == 2
    assert "--replace goes with --dsn" in ran.output
