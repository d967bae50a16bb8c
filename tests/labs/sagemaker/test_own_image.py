"""An image of one's own, without an engine: what its Dockerfile copies and starts is copied and
started here, on a folder that stands for /opt/ml.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from labs.sagemaker.opt_ml import OptMl
from labs.sagemaker.own_image import neighbours
from tests.labs.sagemaker.conftest import ROLE, Call, csv, table

HERE = Path(__file__).resolve().parents[3] / "labs/sagemaker/own_image"
DOCKERFILE = HERE / "Dockerfile"
PINS = HERE.parents[2] / "requirements/labs.txt"


def instructions() -> dict[str, str]:
    lines = [line for line in DOCKERFILE.read_text().splitlines() if line and line[0] != "#"]
    return {word: rest for word, _, rest in (line.partition(" ") for line in lines)}


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    """The Dockerfile's COPY done into a folder, and its ENTRYPOINT there."""
    source, target = shlex.split(instructions()["COPY"])
    folder = tmp_path / "image" / target.strip("/")
    folder.mkdir(parents=True)
    shutil.copy(HERE / source, folder)
    interpreter, path = json.loads(instructions()["ENTRYPOINT"])
    assert interpreter == "python"
    # Isolated: nothing of this project can be imported, as nothing is in the image.
    return [sys.executable, "-I", str(tmp_path / "image" / path.strip("/"))]


@pytest.fixture
def train(program: list[str], tmp_path: Path) -> Callable[..., str]:
    """`docker run IMAGE train`; returns what it printed."""

    def train(content: bytes, **hyperparameters: str) -> str:
        opt_ml = OptMl(tmp_path / "opt/ml")
        opt_ml.prepare(hyperparameters, {"train": {}}, "algo-1", ["algo-1"])
        (opt_ml.channel("train") / "part").write_bytes(content)
        ran = subprocess.run(
            [*program, "train", "--root", str(opt_ml.root)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=True,
        )
        return ran.stdout

    return train


def test_the_image_has_the_versions_that_are_tested_here() -> None:
    wanted = re.findall(r"([\w-]+)==(\S+)", instructions()["RUN"])
    assert [name for name, _ in wanted] == ["numpy", "scikit-learn"]
    pins = PINS.read_text()
    for name, version in wanted:
        assert re.search(rf"^{name}=={re.escape(version)} ", pins, re.MULTILINE)


def test_train_reads_the_channel_and_writes_the_model(train, tmp_path: Path) -> None:
    assert train(csv(table(30)), neighbours="1") == "examples=30\n"
    assert [path.name for path in (tmp_path / "opt/ml/model").iterdir()] == ["neighbours.npz"]


@pytest.mark.parametrize(
    ("content", "hyperparameters", "reason"),
    [
        (b"", {}, "part is empty"),
        (b"1,2\n0,x\n", {}, "part: could not convert string 'x' to float32 at row 1, column 2"),
        (b"1,2\n1,3\n1,4\n", {}, "all 3 examples have the label 1"),
        (b"1,2\n0,3\n", {}, "2 examples cannot have 3 neighbours"),
        (b"1,2\n0,3\n", {"neighbours": "few"}, "neighbours is 'few'"),
        (b"1,2\n0,3\n", {"k": "1"}, "unknown hyperparameters k; there is neighbours"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, content, hyperparameters, reason) -> None:
    opt_ml = OptMl(tmp_path)
    opt_ml.prepare(hyperparameters, {"train": {}}, "algo-1", ["algo-1"])
    (opt_ml.channel("train") / "part").write_bytes(content)
    assert neighbours.main(["train", "--root", str(tmp_path)]) == 1
    assert reason in opt_ml.failure.read_text()


async def test_it_is_trained_and_hosted_by_the_platform(
    client: Call, service, request_of, tmp_path: Path
) -> None:
    image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/wildrydes-neighbours:latest"
    request = request_of(
        HyperParameters={"neighbours": "1"},
        AlgorithmSpecification={
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "examples", "Regex": "examples=([0-9]+)"}],
        },
    )
    job = service.training_jobs.start(request)
    await service.training_jobs.ended(job)
    assert job.status == "Completed", job.description.get("FailureReason")
    assert job.description["FinalMetricDataList"][0]["Value"] == 400
    address = job.description["ModelArtifacts"]["S3ModelArtifacts"]
    container = {"Image": image, "ModelDataUrl": address}
    await client("create_model", ModelName="own", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    await client(
        "create_endpoint_config",
        EndpointConfigName="own",
        ProductionVariants=[{"VariantName": "only", "ModelName": "own"}],
    )
    await client("create_endpoint", EndpointName="own", EndpointConfigName="own")
    await service.endpoints.settled("own")
    rows = table(400)[:20]
    told = await client(
        "invoke_endpoint", EndpointName="own", ContentType="text/csv", Body=csv(rows[:, 1:])
    )
    # Its own training examples are their own nearest neighbours.
    assert [float(one) for one in told["Body"].read().split()] == rows[:, 0].tolist()
    for content_type, body, status, message in (
        ("text/libsvm", b"0:1", 415, "content type 'text/libsvm' is not read"),
        ("text/csv", b"1,2", 400, "has 2 features a line, the model takes 3"),
        ("text/csv", b"a,b,c", 400, "could not convert string 'a'"),
    ):
        with pytest.raises(ClientError) as caught:
            await client("invoke_endpoint", EndpointName="own", ContentType=content_type, Body=body)
        assert caught.value.response["OriginalStatusCode"] == status
        assert message in caught.value.response["OriginalMessage"]
