"""Snapshots and requests over a real moto, in a process of its own: moto's memory is the
interpreter's.
"""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import json, sys
from io import BytesIO
from pathlib import Path
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from local_kinesis.journal.flusher import Flusher
from local_kinesis.moto_state import determinism, history
from local_kinesis.moto_state.history import History

folder = Path(sys.argv[1])
determinism.install()
kept = History(folder, Flusher())
application = DomainDispatcherApplication(
    lambda service: kept.kept(service, create_backend_app(service))
)
done_again = kept.restore(application)

def call(service, operation, **members):
    body = json.dumps(members).encode()
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/", "QUERY_STRING": "", "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/x-amz-json-1.0",
        "CONTENT_LENGTH": str(len(body)), "HTTP_X_AMZ_TARGET": service + "." + operation,
        "HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/"
            + service.partition("_")[0].lower().replace("trentservice", "kms")
            + "/aws4_request, SignedHeaders=host, Signature=0",
        "wsgi.url_scheme": "http", "wsgi.input": BytesIO(body), "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    status = []
    answer = b"".join(application(environ, lambda given, headers: status.append(given)))
    assert status[0].startswith("2"), (status, answer)
    return json.loads(answer or b"{}")

def dynamodb(operation, **members):
    return call("DynamoDB_20120810", operation, **members)

def row(name):
    dynamodb("PutItem", TableName="rows", Item={"Name": {"S": name}})

def rows():
    return sorted(item["Name"]["S"] for item in dynamodb("Scan", TableName="rows")["Items"])

def keys():
    return sorted(key["KeyId"] for key in call("TrentService", "ListKeys")["Keys"])

"""
MAKE = """
dynamodb("CreateTable", TableName="rows", BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "Name", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "Name", "AttributeType": "S"}])
"""


def run(folder: Path, *scripts: str) -> Any:
    """A life of moto that ends without a word; what it printed."""
    whole = (
        PROGRAM
        + "\n".join(map(textwrap.dedent, scripts))
        + "\nimport os\nsys.stdout.flush()\nos._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", whole, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_snapshot_takes_the_place_of_the_requests_before_it(tmp_path: Path) -> None:
    """KMS holds what cannot be pickled: its requests stay."""
    keys = run(
        tmp_path,
        MAKE,
        """
        row("a")
        call("TrentService", "CreateKey")
        history.REPLAY_S_MIN = kept._snapshot_s = 0
        row("b")
        history.REPLAY_S_MIN = 1000
        row("c")
        print(json.dumps(keys()))
        """,
    )
    assert len(keys) == 1
    # However slow the machine is: starting took too little for another snapshot.
    script = "history.REPLAY_S_MIN = 1000\nprint(json.dumps([done_again, rows(), keys()]))"
    found = run(tmp_path, script)
    assert found == [2, ["a", "b", "c"], keys]
    assert names(tmp_path) == ["requests.1", "snapshot.1"]


def test_a_snapshot_has_every_version_of_an_object(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        """
        from moto.s3.models import s3_backends
        from local_kinesis.moto_state import backends

        def s3():
            return s3_backends["123456789012"]["aws"]

        def versions():
            return [key.value.decode() for key in s3().buckets["rides"].keys.getlist("a key")]

        s3().create_bucket("rides", "us-east-1")
        s3().put_bucket_versioning("rides", "Enabled")
        for body in (b"first", b"second"):
            s3().put_object("rides", "a key", body)
        before = versions()
        backends.dump(folder / "all")
        s3().put_object("rides", "a key", b"third")
        backends.load(folder / "all")
        print(json.dumps([before, versions()]))
        """,
    )
    assert found == [["first", "second"]] * 2


@pytest.mark.long
@pytest.mark.parametrize("torn_bytes", [1, 200, 600])
def test_a_request_that_was_not_done_is_passed_over(tmp_path: Path, torn_bytes: int) -> None:
    run(tmp_path, MAKE, "row('a')\nrow('b')\n")
    log = tmp_path / "requests.0"
    log.write_bytes(log.read_bytes()[:-torn_bytes])
    assert run(tmp_path, "row('c')\nprint(json.dumps(rows()))") == ["a", "c"]


@pytest.mark.long
def test_a_snapshot_that_was_cut_short_does_not_count(tmp_path: Path) -> None:
    run(tmp_path, MAKE, "row('a')\n")
    (tmp_path / "draft.1").write_bytes(b"half a snap")
    (tmp_path / "requests.1").touch()
    assert run(tmp_path, "print(json.dumps(rows()))") == ["a"]
    assert names(tmp_path) == ["requests.0"]


def test_a_disk_without_room_refuses_a_request_whole(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        MAKE,
        """
        import resource
        limit = kept._log.size + 100
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
        try:
            row("refused")
        except AssertionError as error:
            refused = "500 Internal Server Error" in str(error) and "File too large" in str(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        row("taken")
        print(json.dumps([refused, rows()]))
        """,
    )
    assert found == [True, ["taken"]]
    assert run(tmp_path, "print(json.dumps(rows()))") == ["taken"]
