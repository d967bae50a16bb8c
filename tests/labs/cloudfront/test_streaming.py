"""mapper.py and reducer.py as Hadoop Streaming runs them: programs, joined by a sort."""

import subprocess
import sys
from pathlib import Path

from labs.cloudfront.generated_logs import REQUESTS, generate

FOLDER = Path(__file__).parents[3] / "labs/cloudfront"


def piped(logs: list[Path], *dates: str) -> tuple[dict[str, int], str]:
    """`cat logs | mapper.py | sort | reducer.py`, and what the mapper said."""
    with subprocess.Popen(["cat", *logs], stdout=subprocess.PIPE) as cat:
        mapper = subprocess.run(
            [sys.executable, "-I", FOLDER / "mapper.py", *dates],
            stdin=cat.stdout, capture_output=True, check=True,
        )  # fmt: skip
    ordered = subprocess.run(
        ["sort"], input=mapper.stdout, capture_output=True, check=True, env={"LC_ALL": "C"}
    )
    reducer = subprocess.run(
        [sys.executable, "-I", FOLDER / "reducer.py"],
        input=ordered.stdout, capture_output=True, check=True,
    )  # fmt: skip
    pairs = (line.split("\t") for line in reducer.stdout.decode().splitlines())
    return {key: int(number) for key, number in pairs}, mapper.stderr.decode()


def test_the_pipe_counts_what_hive_counts(tmp_path: Path) -> None:
    generate(tmp_path, 3)
    found, said = piped(list(tmp_path.iterdir()))
    assert found == REQUESTS
    assert said == ""


def test_malformed_lines_are_shown_and_counted_as_hadoop_counts(tmp_path: Path) -> None:
    generate(tmp_path, 3)
    bad = tmp_path / "z.log"
    bad.write_text("not a request\n\n#a header\n")
    found, said = piped([*sorted(tmp_path.iterdir())], "2014-07-06", "2014-08-05")
    assert sum(found.values()) < sum(REQUESTS.values())
    assert said.splitlines()[-3:] == [
        "malformed line 5000: not a request",
        "malformed line 5001: ",
        "reporter:counter:cloudfront,malformed lines,2",
    ]
