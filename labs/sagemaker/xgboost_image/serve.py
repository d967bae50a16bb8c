"""The image's program `serve`: GET /ping, and POST /invocations with examples, one answer a line
(developer guide, "Custom inference code with hosting services").
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from aiohttp import web

from fleet.errors import FleetError
from labs.sagemaker.opt_ml import OptMl
from labs.sagemaker.xgboost_image.examples import (
    CSV,
    WrongExample,
    WrongType,
    media_type,
    parse,
    widened,
)
from labs.sagemaker.xgboost_image.train import MODEL

JSON = "application/json"
BODY_BYTES_MAX = 6 * 2**20
"""That of SageMaker's InvokeEndpoint."""


class Predictor:
    """A loaded model."""

    def __init__(self, model: bytes) -> None:
        self._booster = xgboost.Booster({"nthread": 1})
        self._booster.load_model(bytearray(model))

    def predict(self, body: bytes, content_type: str) -> Any:
        """One answer an example: a number, or a row of them for multi:softprob. Raises WrongType
        and WrongExample.
        """
        examples = parse(body, media_type(content_type), "the body", has_labels=False)
        if not len(examples):
            raise WrongExample("the body is empty", remedy="give one example a line")
        width = self._booster.num_features()
        features = widened(examples.features, width)
        if features.shape[1] != width:
            raise WrongExample(
                f"the body has {features.shape[1]} features a line, the model takes {width}",
                remedy="give features only, without the label",
            )
        return self._booster.predict(xgboost.DMatrix(features))


def application(predictor: Predictor) -> web.Application:
    """The server's two paths."""

    async def ping(_: web.Request) -> web.Response:
        return web.Response()

    async def invocations(request: web.Request) -> web.Response:
        body = await request.read()
        content_type = request.headers.get("Content-Type", CSV)
        accept = request.headers.get("Accept", CSV)
        try:
            answers = await asyncio.to_thread(predictor.predict, body, content_type)
            return _response(answers, accept)
        except WrongType as error:
            return _refusal(415, error)
        except WrongExample as error:
            return _refusal(400, error)

    app = web.Application(client_max_size=BODY_BYTES_MAX)
    app.router.add_get("/ping", ping)
    app.router.add_post("/invocations", invocations)
    return app


def _response(answers: Any, accept: str) -> web.Response:
    if JSON in accept:
        scores = [{"score": one} for one in answers.tolist()]
        return web.Response(text=json.dumps({"predictions": scores}), content_type=JSON)
    if not any(taken in accept for taken in (CSV, "text/*", "*/*")):
        return web.Response(status=406, text=f"{accept} is not written; ask for {CSV} or {JSON}\n")
    lines = [",".join(map(str, np.atleast_1d(one).tolist())) for one in answers]
    return web.Response(text="\n".join(lines) + "\n", content_type=CSV)


def _refusal(status: int, error: FleetError) -> web.Response:
    return web.Response(status=status, text=f"{error}\n{error.remedy or ''}".rstrip() + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Serves until it is told to end."""
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("/opt/ml"), help="what is /opt/ml")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    given = parser.parse_args(arguments)
    path = OptMl(given.root).model / MODEL
    if not path.is_file():
        print(f"{path} is not there: the model archive has to hold {MODEL}", file=sys.stderr)
        return 1
    try:
        predictor = Predictor(path.read_bytes())
    except xgboost.core.XGBoostError as error:
        print(f"{path} is not a model of XGBoost's: {error}", file=sys.stderr)
        return 1
    web.run_app(application(predictor), host=given.host, port=given.port, print=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
