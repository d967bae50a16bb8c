"""Training jobs: boto3's request in, SageMaker's states and a model out."""

import io
import tarfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import xgboost
from botocore.exceptions import ClientError, ParamValidationError

from tests.labs.sagemaker.conftest import IMAGE, Said, csv, table


def booster(description: dict) -> xgboost.Booster:
    archive = Path(urlsplit(description["ModelArtifacts"]["S3ModelArtifacts"]).path).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        assert opened.getnames() == ["xgboost-model"]
        model = opened.extractfile("xgboost-model").read()
    return xgboost.Booster(model_file=bytearray(model))


def errors(model: xgboost.Booster) -> int:
    rows = table(100, seed=1)
    return int((model.predict(xgboost.DMatrix(rows[:, 1:])) != rows[:, 0]).sum())


async def test_a_job_goes_through_its_states_and_leaves_a_model(train) -> None:
    job = await train()
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert [one["Status"] for one in job["SecondaryStatusTransitions"]] == [
        "Starting", "Downloading", "Training", "Uploading", "Completed",
    ]  # fmt: skip
    assert errors(booster(job)) == 0
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("train:mlogloss", pytest.approx(0.19, 0.5))


async def test_two_instances_make_the_model_of_one(train) -> None:
    one = await train("one")
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    two = await train("two", ResourceConfig=resources)
    assert two["TrainingJobStatus"] == "Completed", two.get("FailureReason")
    assert errors(booster(two)) == errors(booster(one)) == 0
    # Each instance saw one of the two files; a tree's cover counts the examples of both.
    assert booster(two).get_score(importance_type="total_cover") == booster(one).get_score(
        importance_type="total_cover"
    )


async def test_boto3_creates_describes_lists_and_waits(client, service, request_of) -> None:
    created = await client("create_training_job", **request_of("digits"))
    assert created["TrainingJobArn"].endswith(":training-job/digits")
    await service.training_jobs.ended(service.training_jobs.job({"TrainingJobName": "digits"}))
    described = await client("describe_training_job", TrainingJobName="digits")
    assert described["TrainingJobStatus"] == "Completed"
    assert described["HyperParameters"]["num_round"] == "3"
    assert described["CreationTime"] <= described["TrainingEndTime"]
    listed = await client("list_training_jobs", StatusEquals="Completed")
    assert [one["TrainingJobName"] for one in listed["TrainingJobSummaries"]] == ["digits"]
    with pytest.raises(ClientError, match="must be unique") as caught:
        await client("create_training_job", **request_of("digits"))
    assert caught.value.response["Error"]["Code"] == "ResourceInUse"
    with pytest.raises(ClientError, match="not found"):
        await client("describe_training_job", TrainingJobName="other")


async def test_what_boto3_refuses_is_refused_in_its_words(client, service, request_of) -> None:
    request = request_of()
    del request["RoleArn"]
    with pytest.raises(ParamValidationError) as by_boto3:
        await client("create_training_job", **request)
    with pytest.raises(Exception, match="RoleArn") as by_us:
        await service.call("CreateTrainingJob", request)
    assert str(by_us.value) == str(by_boto3.value)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"TrainingJobName": "two words"}, "'two words' at 'trainingJobName' failed to satisfy"),
        (
            {"ResourceConfig": {"InstanceType": "ml.huge", "VolumeSizeInGB": 1}},
            r"'ml.huge' at 'resourceConfig.instanceType' .* enum value set: \[ml.m4.xlarge",
        ),
        (
            {"AlgorithmSpecification": {"TrainingImage": "linear:1", "TrainingInputMode": "File"}},
            "image linear:1 is not here. there are xgboost",
        ),
        (
            {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "Pipe"}},
            "TrainingInputMode Pipe is not here",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE,
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "a", "Regex": "a=("}],
                }
            },
            "the Regex of metric a: missing \\)",
        ),
        ({"Environment": {"A": "b"}}, "Environment is not here"),
        ({"OutputDataConfig": {"S3OutputPath": "ftp://x"}}, "'ftp://x' at 'outputDataConfig.s3Out"),
    ],
)
async def test_what_boto3_lets_through_is_refused(client, request_of, members, message) -> None:
    with pytest.raises(ClientError, match=message):
        await client("create_training_job", **request_of(**members))


async def test_one_host_that_fails_ends_the_job_of_both(train, channel) -> None:
    (channel / "part-1.csv").write_bytes(b"x,1,2,3\n")
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    job = await train(ResourceConfig=resources)
    assert job["TrainingJobStatus"] == "Failed"
    assert "part-1.csv: line 1, field 1 is 'x'" in job["FailureReason"]


async def test_channels_that_are_not_there(train, request_of, channel) -> None:
    for path in channel.iterdir():
        path.unlink()
    job = await train("empty")
    assert job["FailureReason"].startswith("ClientError: channel train: file://")
    assert job["FailureReason"].endswith("matches no object")
    (channel / "all.csv").write_bytes(csv(table(10)))
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    job = await train("one-for-two", ResourceConfig=resources)
    assert "has 1 objects for 2 instances" in job["FailureReason"]


ENDLESS = {
    "objective": "multi:softmax", "num_class": "2", "num_round": "1000000", "nthread": "1",
}  # fmt: skip


async def test_a_job_that_is_stopped_keeps_the_rounds_it_has(
    client, service, said: Said, request_of
) -> None:
    await client("create_training_job", **request_of(HyperParameters=ENDLESS))
    await said.heard("[3]")
    await client("stop_training_job", TrainingJobName="job")
    job = service.training_jobs.job({"TrainingJobName": "job"})
    await service.training_jobs.ended(job)
    assert (job.status, job.description["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert 4 <= booster(job.description).num_boosted_rounds() < 1_000_000
    with pytest.raises(ClientError, match="training job is in status Stopped"):
        await client("stop_training_job", TrainingJobName="job")


async def test_the_longest_run_time_is_held(train) -> None:
    job = await train(HyperParameters=ENDLESS, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
