"""boto3's own client of Amazon ML asks; a row's score is that of the model in this process."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import numpy as np
import polars as pl
import pytest
from aiohttp import ClientSession, web
from botocore.config import Config
from botocore.exceptions import ClientError

from fleet.errors import ConfigError
from labs.banking.boosted import BoostedModel, load_model
from labs.banking.dataset import FILE, read_calls
from labs.banking.endpoint import EXAMPLE, Endpoint
from labs.banking.generator import generate
from labs.datasource.split import random_split
from tests.wildrydes.running import Running


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    path = tmp_path_factory.mktemp("calls") / FILE
    generate(path, 0)
    schema, rows = read_calls(path, ";")
    return schema, random_split(rows, 0)


@pytest.fixture(scope="module")
def model(calls: tuple) -> BoostedModel:
    schema, split = calls
    return BoostedModel.fit(schema, split.training, 0, "rows of a test")


@pytest.fixture
async def url(model: BoostedModel) -> Iterator[str]:
    runner = web.AppRunner(Endpoint(model, 0.5).application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/"
    await runner.cleanup()


def record(model: BoostedModel, **changes: str) -> dict[str, str]:
    return dict(zip(model.schema.inputs, EXAMPLE.split(","), strict=True)) | changes


async def ask(url: str, **request) -> dict:
    client = boto3.client(
        "machinelearning",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    return await asyncio.to_thread(client.predict, PredictEndpoint=url, **request)


async def test_amazons_client_gets_a_prediction(url: str, model: BoostedModel) -> None:
    answer = await ask(url, MLModelId="banking", Record=record(model))
    prediction = answer["Prediction"]
    row = pl.DataFrame(
        {
            name: [float(value) if name not in model.categories else value]
            for name, value in record(model).items()
        }
    )
    expected = float(model.scores(row)[0])
    label = "1" if expected >= 0.5 else "0"
    assert prediction["predictedLabel"] == label
    assert prediction["predictedScores"] == {label: pytest.approx(expected)}
    assert prediction["details"]["PredictiveModelType"] == "BINARY"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"job": "astronaut"}, "job is 'astronaut', which the model has never seen"),
        ({"age": "old"}, "age is 'old', not a number"),
    ],
)
async def test_what_cannot_be_predicted_is_an_error_of_its_api(
    url: str, model: BoostedModel, change: dict, message: str
) -> None:
    with pytest.raises(ClientError) as raised:
        await ask(url, MLModelId="banking", Record=record(model, **change))
    assert raised.value.response["Error"]["Code"] == "InvalidInputException"
    assert message in raised.value.response["Error"]["Message"]


async def test_a_missing_attribute_is_named(url: str, model: BoostedModel) -> None:
    whole = record(model)
    del whole["euribor3m"]
    with pytest.raises(ClientError, match="no value for euribor3m"):
        await ask(url, MLModelId="banking", Record=whole)


async def test_another_model_is_not_here(url: str, model: BoostedModel) -> None:
    with pytest.raises(ClientError) as raised:
        await ask(url, MLModelId="ml-other", Record=record(model))
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"


async def post(url: str, body: str, kind: str = "text/csv") -> tuple[int, str]:
    headers = {"Content-Type": kind}
    async with ClientSession() as client, client.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_lines_of_text_get_a_line_each(url: str) -> None:
    status, text = await post(url, f"{EXAMPLE}\n{EXAMPLE}\n")
    head, one, other = text.splitlines()
    assert (status, head) == (200, "bestAnswer,score")
    assert one == other
    label, score = one.split(",")
    assert label in ("0", "1")
    assert 0 <= float(score) <= 1


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (f"{EXAMPLE}\n32,services\n", "text/csv", "line 2 has 2 values, the model 20 attributes"),
        (EXAMPLE.replace("dec", "may ") + "\n" + EXAMPLE.replace("dec", "moon"), "text/csv",
         "line 2: month is 'moon'"),
        ("", "text/csv", "no line in the request"),
        (EXAMPLE, "application/json", "the request is not JSON"),
        ("[]", "application/json", "not a JSON object"),
        ("é", "text/csv; charset=none", "the request is not text"),
        ('{"MLModelId": "banking"}', "application/json", "Record is not an object of texts"),
        ('{"MLModelId": "banking", "Record": {"age": 32}}', "application/json", "of texts"),
    ],
)  # fmt: skip
async def test_a_request_that_is_wrong_is_told_why(
    url: str, body: str, kind: str, message: str
) -> None:
    status, text = await post(url, body, kind)
    assert status == 400
    assert message in json.loads(text)["message"]


async def test_the_attributes_are_described(url: str) -> None:
    async with ClientSession() as client, client.get(url) as answer:
        described = await answer.json()
    assert described["trainedOn"] == "rows of a test"
    assert described["attributes"]["age"] == "NUMERIC"
    assert described["attributes"]["day_of_week"] == ["fri", "mon", "thu", "tue", "wed"]


def test_the_command_serves_until_it_is_told_to_stop(model: BoostedModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model.json")
    with Running(
        "lab", "serve", "banking", "--model", str(tmp_path / "model.json"), "--port", "0"
    ) as process:
        status, text = asyncio.run(post(process.named("ready")["url"], EXAMPLE))
        assert status == 200
        assert text.startswith("bestAnswer,score\n")
        assert process.end() == 0


def test_a_model_is_the_same_after_its_file(
    model: BoostedModel, calls: tuple, tmp_path: Path
) -> None:
    _, split = calls
    model.save(tmp_path / "model.json")
    again = load_model(tmp_path / "model.json")
    assert np.array_equal(again.scores(split.test), model.scores(split.test))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\x80\x04pickle", "not JSON"),
        ("[]", "its format is not"),
        ('{"format": "wildrydes banking model 1"}', "is damaged"),
        (
            '{"format": "wildrydes banking model 1", "attributes": {}, "categories": {}, '
            '"target": "y", "trained_on": "", "trees": "tree"}',
            "is damaged",
        ),
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_model(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_model(tmp_path / "none.json")
