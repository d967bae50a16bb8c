"""Real-time predictions over HTTP, in the shape of Amazon ML's Predict: a client of that service
gets its answers here.
"""

import csv
import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from fleet.errors import ConfigError
from labs.banking.boosted import BoostedModel
from labs.datasource.reader import parse_record

MODEL_ID: Final = "banking"
TARGET: Final = "AmazonML_20141212.Predict"
JSON_TYPE: Final = "application/x-amz-json-1.1"
CSV_HEADER: Final = "bestAnswer,score\n"

EXAMPLE: Final = (
    "32,services,divorced,basic.9y,no,unknown,yes,cellular,dec,mon,110,1,11,0,nonexistent,"
    "-1.8,94.465,-36.1,0.883,5228.1"
)
"""The course's."""


class Endpoint:
    """One model behind HTTP. A score at or above `threshold` is a yes, label 1."""

    def __init__(self, model: BoostedModel, threshold: float) -> None:
        self._model = model
        self._threshold = threshold

    def application(self) -> web.Application:
        """POST / takes Predict's JSON, or lines of text/csv; GET / says which attributes."""
        app = web.Application()
        app.router.add_get("/", self._describe)
        app.router.add_post("/", self._predict)
        return app

    def predict(self, record: Mapping[str, str], where: str) -> tuple[int, float]:
        """Label and score. Raises ConfigError for missing attributes, what is not a number, and
        categories that the model has never seen.
        """
        row = parse_record(record, self._model.schema, where)
        self._model.check_categories(row, where)
        score = float(self._model.scores(row)[0])
        return int(score >= self._threshold), score

    def parse_line(self, line: str, number: int) -> dict[str, str]:
        """The attributes of a line of comma-separated values. Raises ConfigError."""
        names = self._model.schema.inputs
        values = next(csv.reader([line]))
        if len(values) != len(names):
            raise ConfigError(
                f"line {number} has {len(values)} values, the model {len(names)} attributes",
                remedy=f"separate them by commas: {','.join(names)}",
            )
        return dict(zip(names, values, strict=True))

    async def _describe(self, request: web.Request) -> web.Response:
        schema = self._model.schema
        return web.json_response(
            {
                "MLModelId": MODEL_ID,
                "trainedOn": self._model.trained_on,
                "threshold": self._threshold,
                "attributes": {
                    name: self._model.categories.get(name, schema.kinds[name])
                    for name in schema.inputs
                },
            }
        )

    async def _predict(self, request: web.Request) -> web.Response:
        try:
            if request.content_type == "text/csv":
                return self._lines(await _text(request))
            return self._json(await _object(request), request.headers.get("X-Amz-Target"))
        except ConfigError as error:
            text = f"{error} ({error.remedy})" if error.remedy else str(error)
            return _failure("InvalidInputException", text)

    def _json(self, body: Mapping[str, Any], target: str | None) -> web.Response:
        if target not in (None, TARGET):
            return _failure("InvalidInputException", f"{target}: only {TARGET} is served here")
        if body.get("MLModelId") != MODEL_ID:
            return _failure(
                "ResourceNotFoundException",
                f"no model {body.get('MLModelId')!r}: MLModelId is {MODEL_ID!r} here",
                status=404,
            )
        record = body.get("Record")
        if not isinstance(record, dict) or not all(isinstance(v, str) for v in record.values()):
            raise ConfigError("Record is not an object of texts", remedy='{"age": "32", ...}')
        label, score = self.predict(record, "Record")
        prediction = {
            "predictedLabel": str(label),
            "predictedScores": {str(label): score},
            "details": {"Algorithm": "LightGBM", "PredictiveModelType": "BINARY"},
        }
        return web.json_response({"Prediction": prediction}, content_type=JSON_TYPE)

    def _lines(self, text: str) -> web.Response:
        rows = []
        for number, line in enumerate(text.splitlines(), start=1):
            label, score = self.predict(self.parse_line(line, number), f"line {number}")
            rows.append(f"{label},{score:.6E}\n")
        if not rows:
            raise ConfigError("no line in the request")
        return web.Response(text=CSV_HEADER + "".join(rows), content_type="text/csv")


async def _text(request: web.Request) -> str:
    try:
        return await request.text()
    except (LookupError, UnicodeDecodeError) as error:
        raise ConfigError(f"the request is not text: {error}") from None


async def _object(request: web.Request) -> dict[str, Any]:
    text = await _text(request)
    try:
        body = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise ConfigError(
            f"the request is not JSON: {error}",
            remedy="a line of values goes as Content-Type: text/csv",
        ) from None
    if not isinstance(body, dict):
        raise ConfigError("the request is not a JSON object")
    return body


def _failure(kind: str, message: str, status: int = 400) -> web.Response:
    return web.json_response(
        {"__type": kind, "message": message}, status=status, content_type=JSON_TYPE
    )
