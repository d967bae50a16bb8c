"""Hosting: boto3 makes a model, a configuration and an endpoint, and asks it."""

from collections import Counter
from pathlib import Path

import pytest
import xgboost
from botocore.exceptions import ClientError
from scipy.stats import binomtest

from labs.sagemaker.model_archive import pack
from labs.sagemaker.service.fault import Invalid
from tests.labs.sagemaker.conftest import IMAGE, ROLE, Call, csv, table


@pytest.fixture
def archive(tmp_path: Path) -> str:
    """Address of a model that tells the two classes of `table` apart, always."""
    rows = table(200)
    parameters = {"objective": "multi:softmax", "num_class": 2, "nthread": 1}
    booster = xgboost.train(parameters, xgboost.DMatrix(rows[:, 1:], rows[:, 0]), 2)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    path = tmp_path / "model.tar.gz"
    path.write_bytes(pack(folder))
    return path.as_uri()


@pytest.fixture
async def deploy(client: Call, service, archive: str) -> Call:
    """Makes a configuration of variants with weights, and an endpoint of it."""

    async def deploy(config: str = "config", address: str = archive, **weights: float) -> None:
        model = f"model-of-{config}"
        await client(
            "create_model",
            ModelName=model,
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": IMAGE, "ModelDataUrl": address},
        )
        await client(
            "create_endpoint_config",
            EndpointConfigName=config,
            ProductionVariants=[
                {
                    "VariantName": name,
                    "ModelName": model,
                    "InitialInstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "InitialVariantWeight": weight,
                }
                for name, weight in weights.items()
            ],
        )

    return deploy


async def status(client: Call) -> str:
    return (await client("describe_endpoint", EndpointName="digits"))["EndpointStatus"]


async def test_an_endpoint_lives_answers_and_ends(client: Call, service, deploy: Call) -> None:
    await deploy(champion=3, challenger=1)
    create = {"EndpointName": "digits", "EndpointConfigName": "config"}
    # Not over HTTP: nothing else runs between the call and the look.
    await service.call("CreateEndpoint", create)
    assert service.endpoints.get("digits").status == "Creating"
    with pytest.raises(Invalid, match="is Creating, not InService"):
        await service.endpoints.invoke("digits", b"1,2,3", {}, None)
    with pytest.raises(Invalid, match="Cannot update in-progress endpoint"):
        await service.call("DeleteEndpoint", {"EndpointName": "digits"})
    await service.endpoints.settled("digits")
    assert await status(client) == "InService"

    rows = table(50, seed=2)
    told = await client(
        "invoke_endpoint", EndpointName="digits", ContentType="text/csv", Body=csv(rows[:, 1:])
    )
    assert told["ContentType"].startswith("text/csv")
    assert [float(one) for one in told["Body"].read().split()] == rows[:, 0].tolist()

    invoked = Counter[str]()
    for _ in range(120):
        told = await client(
            "invoke_endpoint", EndpointName="digits", ContentType="text/csv", Body=b"1,2,3"
        )
        invoked[told["InvokedProductionVariant"]] += 1
    # Weighted 3 to 1, and not evenly.
    assert binomtest(invoked["champion"], 120, 0.75).pvalue > 0.01
    assert binomtest(invoked["champion"], 120, 0.5).pvalue < 0.01
    told = await client(
        "invoke_endpoint",
        EndpointName="digits",
        ContentType="text/libsvm",
        Accept="application/json",
        TargetVariant="challenger",
        Body=b"0:9 1:2\n0:1\n",
    )
    assert told["InvokedProductionVariant"] == "challenger"
    assert told["Body"].read() == b'{"predictions": [{"score": 1.0}, {"score": 0.0}]}'

    await client(
        "update_endpoint_weights_and_capacities",
        EndpointName="digits",
        DesiredWeightsAndCapacities=[{"VariantName": "champion", "DesiredWeight": 0}],
    )
    for _ in range(5):
        told = await client(
            "invoke_endpoint", EndpointName="digits", ContentType="text/csv", Body=b"1,2,3"
        )
        assert told["InvokedProductionVariant"] == "challenger"

    await refusals(client)
    await client("delete_endpoint", EndpointName="digits")
    await service.endpoints.settled("digits")
    with pytest.raises(ClientError, match="Could not find endpoint"):
        await status(client)


async def refusals(client: Call) -> None:
    for content_type, body, code, message in (
        ("image/png", b"x", 415, "content type 'image/png' is not read"),
        ("text/csv", b"1,x,3", 400, "line 1, field 2 is 'x', not a number"),
        ("text/csv", b"1,2,3,4", 400, "has 4 features a line, the model takes 3"),
        ("text/csv", b"", 400, "the body is empty"),
        ("text/libsvm", b"1;2", 400, "line 1, its label, is '1;2'"),
    ):
        with pytest.raises(ClientError) as caught:
            await client(
                "invoke_endpoint", EndpointName="digits", ContentType=content_type, Body=body
            )
        answer = caught.value.response
        assert answer["Error"]["Code"] == "ModelError"
        assert answer["OriginalStatusCode"] == code
        assert message in answer["OriginalMessage"]
    with pytest.raises(ClientError, match="Variant other not found"):
        await client("invoke_endpoint", EndpointName="digits", TargetVariant="other", Body=b"1")


async def test_an_endpoint_without_a_model_fails_and_says_why(
    client: Call, service, deploy: Call, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    path = tmp_path / "empty.tar.gz"
    path.write_bytes(pack(tmp_path / "empty"))
    await deploy(address=path.as_uri(), only=1)
    await client("create_endpoint", EndpointName="digits", EndpointConfigName="config")
    await service.endpoints.settled("digits")
    described = await client("describe_endpoint", EndpointName="digits")
    assert described["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in described["FailureReason"]
    assert "the model archive has to hold xgboost-model" in described["FailureReason"]
    await client("delete_endpoint", EndpointName="digits")
    await service.endpoints.settled("digits")


async def test_an_update_that_fails_leaves_what_there_was(
    client: Call, service, said: list[str], deploy: Call, tmp_path: Path
) -> None:
    await deploy(only=1)
    await client("create_endpoint", EndpointName="digits", EndpointConfigName="config")
    await service.endpoints.settled("digits")
    (tmp_path / "text").write_text("no archive")
    await deploy("broken", (tmp_path / "text").as_uri(), other=1)
    await client("update_endpoint", EndpointName="digits", EndpointConfigName="broken")
    await service.endpoints.settled("digits")
    # The old variant goes on answering.
    told = await client(
        "invoke_endpoint", EndpointName="digits", ContentType="text/csv", Body=b"9,2,3"
    )
    assert told["Body"].read() == b"1.0\n"
    states = ["Creating", "InService", "Updating", "InService"]
    assert [line.split()[2] for line in said] == states
    described = await client("describe_endpoint", EndpointName="digits")
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "config")
    assert "text is no model.tar.gz" in described["FailureReason"]


async def test_names_that_are_not_there(client: Call, deploy: Call) -> None:
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        await client("create_endpoint", EndpointName="digits", EndpointConfigName="other")
    with pytest.raises(ClientError, match="Could not find model"):
        await client(
            "create_endpoint_config",
            EndpointConfigName="config",
            ProductionVariants=[{"VariantName": "only", "ModelName": "other"}],
        )
    with pytest.raises(ClientError, match="not found"):
        await client("invoke_endpoint", EndpointName="digits", Body=b"1")
    await deploy(only=1)
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        await deploy(only=1)
