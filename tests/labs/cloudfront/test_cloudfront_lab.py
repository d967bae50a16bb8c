"""The lab by its command: the published counts, and lines that are none. Expectations are the
course's figures, or worked out by hand.
"""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fleet.errors import ConfigError, SqlErrors
from wildrydes.cli import wildrydes

# What AWS's sample gave in the course.
OS_REQUESTS = [
    ["Android", 855], ["Linux", 813], ["MacOS", 852], ["OSX", 799], ["Windows", 883], ["iOS", 794],
]  # fmt: skip
BYTES = [["2014-07-05", 8_476_210], ["2014-08-05", 8_603_855]]
AGENT = "Mozilla/5.0%20({};%20U)%20Gecko%20IE/3.0"


def lab(out: Path, *options: str) -> Result:
    runner = CliRunner()
    return runner.invoke(wildrydes, ["lab", "run", "cloudfront", "--out", str(out), *options])


def found(out: Path, *options: str) -> dict:
    result = lab(out, "--json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def line(
    system: str = "iOS", *, day: str = "2014-07-06", size: str = "10", agent: str = AGENT
) -> str:
    fields = (day, "20:00:00", "LHR3", size, "192.0.2.1", "GET", "host", "/a", "200", "-")
    return "\t".join((*fields, agent.format(system)))


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{each}\n" for each in lines))
    return path


@pytest.mark.parametrize("seed", ["0", "7"])
def test_generated_logs_have_the_published_counts(tmp_path: Path, seed: str) -> None:
    report = found(tmp_path, "--seed", seed)
    queries = report["results"]["queries"]
    assert queries["os_requests"]["rows"] == OS_REQUESTS
    assert queries["methods"]["rows"] == [["GET", 4_996]]
    assert queries["bytes_per_day"]["rows"] == BYTES
    assert report["results"]["lines"]["cloudfront_logs"]["unmatched"] == 0
    assert (tmp_path / "os_requests/000000_0").read_text() == "".join(
        f"{system}\x01{count}\n" for system, count in OS_REQUESTS
    )
    assert report["data"][0]["origin"] == "generated"
    page = (tmp_path / "report.html").read_text()
    assert "GENERATED DATA, not real data" in page
    assert "GENERATED DATA, not real data" in (tmp_path / "os_requests/_origin.txt").read_text()
    (log,) = (tmp_path / "data").iterdir()
    assert "GENERATED" in log.read_text().splitlines()[1]


def test_malformed_lines_are_counted_and_shown_with_their_numbers(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    write(logs / "a.log", "#Version: 1.0", line(), "not a request", line("OSX", size="many"), "")
    (logs / "b.log.gz").write_bytes(
        gzip.compress(f"{line('OSX')}\n{line(day='yesterday')}\n".encode())
    )
    (logs / "_ignored").write_text("no line of it counts")
    (logs / "2014").mkdir()
    write(logs / "2014/c.log", line() + "\textra%20(x;%20b/1")
    result = lab(tmp_path / "out", "--data", str(logs))
    assert result.exit_code == 0, result.output
    results = json.loads((tmp_path / "out/report.json").read_text())["results"]
    assert results["lines"]["cloudfront_logs"] == {
        "lines": 8,
        "headers": 1,
        "matched": 5,
        "unmatched": 2,
        "faulty": 3,
        # With one tab more [^ ]+ runs over the first, and every column is the next one's text.
        "faults": {"DateObject": 2, "Bytes": 2, "Status": 1},
    }
    assert results["queries"]["os_requests"]["rows"] == [["OSX", 2], ["iOS", 1]]
    malformed = [
        row.split("\t") for row in (tmp_path / "out/malformed.tsv").read_text().split("\n")
    ]
    assert [(Path(row[0]).name, row[1], row[2]) for row in malformed[:-1]] == [
        ("c.log", "1", "not of the column's type: DateObject, Bytes, Status"),
        ("a.log", "3", "does not match input.regex"),
        ("a.log", "4", "not of the column's type: Bytes"),
        ("a.log", "5", "does not match input.regex"),
        ("b.log.gz", "2", "not of the column's type: DateObject"),
    ]
    assert "not a request" in result.stdout


def test_lines_that_do_not_match_are_rows_of_nulls(tmp_path: Path) -> None:
    data = write(tmp_path / "a.log", "#x", "bad", line(), line("OSX"))
    hql = tmp_path / "my.hql"
    hql.write_text(
        _table() + "SELECT os, COUNT(*) n, AVG(bytes) mean FROM cloudfront_logs GROUP BY os;\n"
        "SELECT COUNT(bytes) FROM cloudfront_logs WHERE os LIKE '${WHO}%';"
    )
    report = found(tmp_path, "--data", str(data), "--hql", str(hql), "--define", "WHO=i")
    queries = report["results"]["queries"]
    assert queries["query 1"]["rows"] == [[None, 2, None], ["OSX", 1, 10.0], ["iOS", 1, 10.0]]
    assert queries["query 2"]["rows"] == [[1]]


def test_a_pattern_that_re2_lacks_finds_the_same(tmp_path: Path) -> None:
    """An optional group is NULL where it takes no part, and one that is not where it is empty."""
    data = write(tmp_path / "a.log", "a 1 x", "a 2", "b ", "?")
    hql = tmp_path / "my.hql"
    hql.write_text(
        "CREATE EXTERNAL TABLE t (k STRING, n INT, more STRING) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES "
        '("input.regex" = "(\\\\w) (\\\\d*)(?: (\\\\w))?") LOCATION \'${INPUT}\';'
        "SELECT * FROM t ORDER BY k, n;"
    )
    report = found(tmp_path, "--data", str(data), "--hql", str(hql))
    rows = report["results"]["queries"]["query 1"]["rows"]
    assert [row for row in rows if row[0]] == [["a", 1, "x"], ["a", 2, None], ["b", None, None]]
    assert [None, None, None] in rows
    assert report["results"]["lines"]["t"]["faults"] == {"n": 1}


def _table() -> str:
    script = (Path(__file__).parents[3] / "labs/cloudfront/cloudfront.hql").read_text()
    return script[: script.index("INSERT")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.log", b"", "has no lines in it"),
        ("a.log", b"one\ntwo\n", "none of the 2 lines of cloudfront_logs matches"),
        ("a.log", b"#one\n", "none of the 1 lines of cloudfront_logs matches"),
        ("a.log", b"%PDF-1.7\n", "is PDF, not lines of text"),
        ("a.gz", b"one\n", "is not gzip, whatever its name says"),
        ("a.log", gzip.compress(b"one\n", mtime=0), "is gzip, whatever its name says"),
        ("a.log", b"one\nt\xffwo\n", "a.log:2: not UTF-8"),
        ("a.log", b"one\n" + b"x" * 3_000_000, "a.log:2: a line of more than 2 MB"),
        ("a.log.gz", gzip.compress(b"one\n" * 9999, mtime=0)[:-30], "a.log.gz"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    result = lab(tmp_path / "out", "--data", str(tmp_path / name))
    assert isinstance(result.exception, ConfigError)
    assert message in str(result.exception)
    assert result.exception.remedy


def test_a_fault_in_the_script_is_shown(tmp_path: Path) -> None:
    hql = tmp_path / "my.hql"
    hql.write_text(_table() + "SELECT os, NO_SUCH(os)\nFROM cloudfront_logs")
    error = lab(tmp_path, "--hql", str(hql)).exception
    assert isinstance(error, SqlErrors)
    at = hql.read_text().splitlines().index("SELECT os, NO_SUCH(os)") + 1
    assert error.render().splitlines()[:2] == [
        f"my.hql:{at}:12: DuckDB has no function NO_SUCH",
        f"{at:>5} | SELECT os, NO_SUCH(os)",
    ]


def test_what_a_script_overwrites_is_its_own_file_only(tmp_path: Path) -> None:
    kept = tmp_path / "os_requests/mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    first = found(tmp_path)
    assert found(tmp_path) == first
    assert kept.read_text() == "mine"


def test_the_malformed_lines_of_all_tables_are_in_one_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.log", line(), f"bad {name}")
    tables = [
        _table()
        .replace("cloudfront_logs", f"logs_{name}")
        .replace("${INPUT}", f"${{INPUT}}/{name}.log")
        for name in ("a", "b")
    ]
    hql = tmp_path / "my.hql"
    hql.write_text(
        "".join(tables) + "SELECT logs_a.os FROM logs_a JOIN logs_b ON logs_a.os = logs_b.os"
    )
    report = found(tmp_path / "out", "--data", str(tmp_path), "--hql", str(hql))
    assert report["results"]["queries"]["query 1"]["rows"] == [["iOS"]]
    written = (tmp_path / "out/malformed.tsv").read_text().splitlines()
    assert [row.split("\t")[3] for row in written] == ["bad a", "bad b"]
