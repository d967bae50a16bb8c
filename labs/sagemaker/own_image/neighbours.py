"""A classifier in SageMaker's container contract: the majority among the nearest training examples.

neighbours.py train   channels in /opt/ml/input/data, model to /opt/ml/model
neighbours.py serve   GET /ping and POST /invocations on port 8080

It stands alone, as it does in its image: nothing but numpy and scikit-learn.
"""

import argparse
import io
import json
import signal
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

MODEL = "neighbours.npz"
CSV = "text/csv"
NEIGHBOURS = 3
BODY_BYTES_MAX = 6 * 2**20


class Refused(Exception):
    """What was given cannot be used; the text is for whoever gave it."""


def train(root: Path) -> None:
    """Raises Refused for hyperparameters and channels that cannot be used."""
    config = root / "input/config"
    hyperparameters = json.loads((config / "hyperparameters.json").read_text(encoding="utf-8"))
    count = _neighbours(hyperparameters)
    labels, features = _channel(root / "input/data/train")
    if len(labels) < count:
        raise Refused(f"{len(labels)} examples cannot have {count} neighbours")
    if len(np.unique(labels)) < 2:
        raise Refused(f"all {len(labels)} examples have the label {labels[0]:g}")
    model = root / "model" / MODEL
    model.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(model, labels=labels, features=features, neighbours=count)
    print(f"examples={len(labels)}")
    validation = root / "input/data/validation"
    if validation.is_dir():
        truth, questions = _channel(validation)
        error = float(np.mean(load(root).predict(questions) != truth))
        print(f"validation-error={error:.5f}")


def load(root: Path) -> Any:
    """The trained classifier."""
    with np.load(root / "model" / MODEL, allow_pickle=False) as model:
        classifier = KNeighborsClassifier(int(model["neighbours"]), algorithm="brute")
        return classifier.fit(model["features"], model["labels"])


def _neighbours(hyperparameters: dict[str, str]) -> int:
    if unknown := set(hyperparameters) - {"neighbours"}:
        raise Refused(f"unknown hyperparameters {', '.join(sorted(unknown))}; there is neighbours")
    text = hyperparameters.get("neighbours", str(NEIGHBOURS))
    if not text.isdecimal() or int(text) < 1:
        raise Refused(f"neighbours is {text!r}, not a whole number of at least 1")
    return int(text)


def _channel(folder: Path) -> tuple[Any, Any]:
    """Labels and features of all files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise Refused(f"channel {folder.name} has no file")
    table = np.concatenate([read_csv(path.read_text(), path.name) for path in files])
    if table.shape[1] < 2:
        raise Refused(f"{files[0].name}: a line is a label and features, parted by commas")
    return table[:, 0], table[:, 1:]


def read_csv(text: str, where: str) -> Any:
    """Numbers, a line a row. Raises Refused, with the line."""
    if not text.strip():
        raise Refused(f"{where} is empty")
    try:
        return np.loadtxt(io.StringIO(text), delimiter=",", dtype=np.float32, ndmin=2)
    except ValueError as error:
        raise Refused(f"{where}: {error}") from None


def answer(classifier: Any, body: bytes) -> str:
    """One label a line. Raises Refused."""
    try:
        questions = read_csv(body.decode(), "the body")
    except UnicodeDecodeError:
        raise Refused("the body is no text") from None
    if questions.shape[1] != classifier.n_features_in_:
        raise Refused(
            f"the body has {questions.shape[1]} features a line, "
            f"the model takes {classifier.n_features_in_}"
        )
    return "".join(f"{label:g}\n" for label in classifier.predict(questions))


class Handler(BaseHTTPRequestHandler):
    """The two paths of the contract."""

    classifier: Any = None
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(200 if self.path == "/ping" else 404, "")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if length > BODY_BYTES_MAX:
            self.close_connection = True
            self._send(413, f"the body has {length} bytes, {BODY_BYTES_MAX} are read\n")
            return
        body = self.rfile.read(length)
        content_type = self.headers.get("Content-Type", CSV).partition(";")[0].strip()
        if self.path != "/invocations":
            self._send(404, "")
        elif content_type != CSV:
            self._send(415, f"content type {content_type!r} is not read; give {CSV}\n")
        else:
            try:
                self._send(200, answer(self.classifier, body))
            except Refused as error:
                self._send(400, f"{error}\n")

    def _send(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", CSV if status == 200 else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing a request."""


def serve(root: Path, host: str, port: int) -> None:
    """Until SIGTERM."""
    handler = type("Loaded", (Handler,), {"classifier": load(root)})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ThreadingHTTPServer((host, port), handler) as server:
        server.serve_forever()


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 1 with the reason in output/failure."""
    parser = argparse.ArgumentParser(prog="neighbours", description=__doc__)
    parser.add_argument("program", choices=("train", "serve"))
    parser.add_argument("--root", type=Path, default=Path("/opt/ml"), help="what is /opt/ml")
    # In a container all of its own addresses; the port is opened from outside.
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8080)
    given = parser.parse_args(arguments)
    if given.program == "serve":
        serve(given.root, given.host, given.port)
        return 0
    try:
        train(given.root)
    except Exception as error:
        reason = str(error) if isinstance(error, Refused) else traceback.format_exc()
        failure = given.root / "output/failure"
        failure.parent.mkdir(parents=True, exist_ok=True)
        failure.write_text(reason, encoding="utf-8")
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
