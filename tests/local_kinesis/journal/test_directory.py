"""Whose directory it is, and who has it now."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.errors import ConfigError
from local_kinesis.journal.directory import DataDirectory, replace_json


def test_a_new_directory_is_made_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data"
    for _ in range(2):
        with DataDirectory.open(path) as directory:
            assert directory.kinesis.is_dir()
            assert directory.moto.is_dir()


def test_another_process_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from local_kinesis.journal.directory import DataDirectory
with DataDirectory.open(Path({str(tmp_path)!r})):
    print("open", flush=True)
    sys.stdin.read()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ConfigError, match=f"in use by another endpoint, process {other.pid}"):
            DataDirectory.open(tmp_path)
        other.kill()
    # The kernel gave it back.
    DataDirectory.open(tmp_path).close()


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(ConfigError, match=r"holds what is no endpoint's: thesis\.txt"):
        DataDirectory.open(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_what_a_file_system_and_a_desktop_put_there_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ".DS_Store").touch()
    DataDirectory.open(tmp_path).close()


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ('{"format": 2, "byte_order": "little"}', "written in format 2, byte order little"),
        ('{"format": 1, "byte_order": "middle"}', "byte order middle; this version reads format 1"),
        ('{"colour": "red"}', "not an endpoint's"),
        ("{", "not an endpoint's"),
    ],
)
def test_another_format_is_refused(tmp_path: Path, mark: str, message: str) -> None:
    (tmp_path / "endpoint.json").write_text(mark)
    with pytest.raises(ConfigError, match=message) as caught:
        DataDirectory.open(tmp_path)
    assert caught.value.remedy
    assert (tmp_path / "endpoint.json").read_text() == mark


def test_a_place_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"cannot be used: (Not a directory|File exists)"):
        DataDirectory.open(tmp_path / "file")


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    replace_json(path, {"a": 1})
    with pytest.raises(TypeError):
        replace_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
