"""`wildrydes lab serve sagemaker` as a process: ready, an answer, and an orderly end."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import xgboost
from click.testing import CliRunner

from labs.sagemaker.model_archive import pack
from tests.labs.sagemaker.conftest import csv, table
from wildrydes.cli import wildrydes


def test_it_hosts_an_archive_until_it_is_told_to_end(tmp_path: Path) -> None:
    rows = table(200)
    parameters = {"objective": "multi:softmax", "num_class": 2, "nthread": 1}
    booster = xgboost.train(parameters, xgboost.DMatrix(rows[:, 1:], rows[:, 0]), 2)
    (tmp_path / "model").mkdir()
    (tmp_path / "model/xgboost-model").write_bytes(booster.save_raw("ubj"))
    archive = tmp_path / "model.tar.gz"
    archive.write_bytes(pack(tmp_path / "model"))
    command = ["lab", "serve", "sagemaker", "--model", str(archive), "--port", "0", "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "wildrydes", *command, "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            assert server.stdout is not None
            url = json.loads(server.stdout.readline())["url"]
            request = Request(
                f"{url}/endpoints/digits/invocations",
                csv(rows[:20, 1:]),
                {"Content-Type": "text/csv"},
            )
            with urlopen(request) as answer:
                said = [float(line) for line in answer.read().split()]
            assert said == rows[:20, 0].tolist()
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait() == 0


def test_s3_elsewhere_is_refused() -> None:
    arguments = ["lab", "serve", "sagemaker", "--endpoint-url", "https://s3.example.com"]
    told = CliRunner().invoke(wildrydes, arguments)
    assert told.exit_code == 2
    assert "is not on this machine" in told.output
