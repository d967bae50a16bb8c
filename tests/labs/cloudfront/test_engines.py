"""Hive's own RegexSerDe, which PySpark ships, is the truth for the two engines that do without."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FIELDS = ("[^ ]*", "[^ ]+", "[^ ]+", "[^ ]+", "[^ ]*", r"[^\t]*", "[^ ]+", "[^ ]+")
LAST = r"[^\(]+[\(]([^\;]+).*\%20([^\/]+)[\/].*$"
REGEX = "^(?!#)" + "".join(rf"({field})\\s+" for field in FIELDS) + LAST
SCRIPT = f"""
CREATE EXTERNAL TABLE logs (day DATE, size INT, small TINYINT, ratio DOUBLE, flag BOOLEAN,
  at TIMESTAMP, text STRING, short VARCHAR(3), OS STRING, browser STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ("input.regex" = "{REGEX}")
LOCATION '${{INPUT}}';
SELECT * FROM logs;
SELECT os, COUNT(*) n, SUM(size) bytes, AVG(ratio) mean FROM logs WHERE day >= '2014-07-05'
  GROUP BY os ORDER BY os;
"""

GOOD = ("2014-07-05", "12", "3", "1.5", "true", "2014-07-05T1", "text", "abcd", "M(iOS;U)%20a/1")
VARIANTS = {
    0: ("2014-7-5", "2014-13-01", "20140705", "2014-07-05x", "", "0099-01-01"),
    1: ("+5", "-0", "1.5", "2147483647", "2147483648", "x", "0x1f", "1_000"),
    2: ("127", "128", "-128", "-129"),
    3: ("1e3", "-2.", ".5", "1,5", "-0.25E-2"),
    4: ("TRUE", "yes", "False", ""),
    5: ("2014-07-05 10:20:30", "2014-7-5 1:02:03.5", "2014-07-05"),
    6: ("é", "\u212a", "a;b"),
    7: ("", "ab", "éèà€"),
    8: ("M(;)%20a/", "(x)%20a/b", "M(x)a/b", "M(a%20b/c", "M((x;y)%20z%20a/b/c", "M(x%20(;)%20a/b"),
}  # fmt: skip


def lines() -> list[str]:
    found = ["#Version: 1.0", "", "no fields", "\t".join(GOOD)]
    for index, texts in VARIANTS.items():
        for text in texts:
            found.append("\t".join((*GOOD[:index], text, *GOOD[index + 1 :])))
    found += [
        " ".join(GOOD),
        "\t".join(GOOD) + "\tmore%20x/y",
        "\t" + "\t".join(GOOD),
        "\t".join(GOOD).replace("\t", "\t\t", 1),
        "\t".join(GOOD).replace("\t", " \t", 2),
        "\t".join(GOOD[:-1]),
    ]
    return found


def answers(folder: Path, engine: str) -> dict:
    out = folder / engine
    subprocess.run(
        [
            sys.executable, "-m", "wildrydes", "lab", "run", "cloudfront", "--engine", engine,
            "--data", str(folder / "in"), "--hql", str(folder / "a.hql"), "--out", str(out),
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads((out / "report.json").read_text())["results"]["queries"]


@pytest.fixture(scope="session")
def hive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """The folder with the script and its lines, and what Hive's class makes of them."""
    if find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("no PySpark or no Java: pip install 'wildrydes[spark]', and Java 17 or newer")
    folder = tmp_path_factory.mktemp("engines")
    (folder / "in").mkdir()
    (folder / "in/a.log").write_text("\n".join(lines()) + "\n")
    (folder / "a.hql").write_text(SCRIPT)
    return folder, answers(folder, "hive")


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_an_engine_has_the_rows_that_hives_own_class_has(hive, engine: str) -> None:
    folder, expected = hive
    found = answers(folder, engine)
    assert found["query 1"]["columns"] == expected["query 1"]["columns"]
    assert found["query 1"]["rows"] == expected["query 1"]["rows"]
    assert found["query 2"]["rows"] == expected["query 2"]["rows"]
    # The lines are of all kinds: some match, some do not, some have texts of another type.
    rows = expected["query 1"]["rows"]
    assert len(rows) == len(lines())
    assert len([row for row in rows if row[-1] is None]) > 5
    assert len([row for row in rows if row[1] is None and row[-1]]) > 3
