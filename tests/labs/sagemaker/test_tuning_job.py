"""Tuning: boto3's request in, training jobs that Optuna chose, the best of them."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.labs.sagemaker.conftest import Call

DEPTHS = {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["0", "1"]}]}


@pytest.fixture
def tuning(request_of: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A CreateHyperParameterTuningJob over the channel, validated on the same."""

    def tuning(name: str, strategy: str, ranges: dict[str, Any], jobs: int = 2) -> dict[str, Any]:
        training = request_of()
        static = training.pop("HyperParameters") | {"eval_metric": "merror", "num_round": "1"}
        del training["TrainingJobName"]
        (train,) = training["InputDataConfig"]
        training["InputDataConfig"] = [train, train | {"ChannelName": "validation"}]
        return {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": {
                "Strategy": strategy,
                "HyperParameterTuningJobObjective": {
                    "Type": "Minimize",
                    "MetricName": "validation:merror",
                },
                "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2},
                "ParameterRanges": ranges,
                "RandomSeed": 7,
            },
            "TrainingJobDefinition": training | {"StaticHyperParameters": static},
        }

    return tuning


async def test_a_grid_is_tried_and_the_best_is_named(client: Call, service, tuning) -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "gamma", "Values": ["0", "100000"]}]}
    await client("create_hyper_parameter_tuning_job", **tuning("grid", "Grid", ranges, 10))
    await service.tuning_jobs.ended("grid")
    name = {"HyperParameterTuningJobName": "grid"}
    described = await client("describe_hyper_parameter_tuning_job", **name)
    assert described["HyperParameterTuningJobStatus"] == "Completed", described.get("FailureReason")
    # Two, though ten are allowed.
    assert described["TrainingJobStatusCounters"]["Completed"] == 2
    best = described["BestTrainingJob"]
    # One cut tells the classes apart, and at the other price of a cut none is made.
    assert best["TunedHyperParameters"] == {"gamma": "0"}
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == 0
    listed = await client("list_training_jobs_for_hyper_parameter_tuning_job", **name)
    values = {
        one["TunedHyperParameters"]["gamma"]:
            one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        for one in listed["TrainingJobSummaries"]
    }  # fmt: skip
    assert values["100000"] > 0.4
    job = await client("describe_training_job", TrainingJobName="grid-001")
    assert job["HyperParameters"]["num_round"] == "1"


async def test_the_same_seed_asks_for_the_same(client: Call, service, tuning) -> None:
    ranges = {
        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "9"}],
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "0.01", "MaxValue": "1", "ScalingType": "Logarithmic"}
        ],
    }
    asked = []
    for name in ("first", "second"):
        await client("create_hyper_parameter_tuning_job", **tuning(name, "Bayesian", ranges))
        await service.tuning_jobs.ended(name)
        listed = await client(
            "list_training_jobs_for_hyper_parameter_tuning_job", HyperParameterTuningJobName=name
        )
        asked.append([one["TunedHyperParameters"] for one in listed["TrainingJobSummaries"]])
    assert asked[0] == asked[1]
    assert asked[0][0] != asked[0][1]
    for one in asked[0]:
        assert 2 <= int(one["max_depth"]) <= 9
        assert 0.01 <= float(one["eta"]) <= 1


@pytest.mark.parametrize(
    ("strategy", "ranges", "message"),
    [
        ("Hyperband", DEPTHS, "strategy Hyperband is not here. take Bayesian, Random or Grid"),
        ("Annealing", DEPTHS, "enum value set: .Bayesian, Random, Hyperband, Grid"),
        ("Random", {}, "there is nothing to tune"),
        (
            "Grid",
            {"IntegerParameterRanges": [{"Name": "a", "MinValue": "1", "MaxValue": "2"}]},
            "strategy Grid takes categorical ranges only; a is none",
        ),
        (
            "Random",
            {"ContinuousParameterRanges": [{"Name": "a", "MinValue": "2", "MaxValue": "1"}]},
            "the range of a: ",
        ),
        (
            "Random",
            {"IntegerParameterRanges": [{"Name": "a", "MinValue": "one", "MaxValue": "2"}]},
            "the range of a: invalid literal",
        ),
    ],
)
async def test_what_cannot_be_tuned(client: Call, tuning, strategy, ranges, message) -> None:
    with pytest.raises(ClientError, match=message):
        await client("create_hyper_parameter_tuning_job", **tuning("job", strategy, ranges))


async def test_jobs_that_all_fail_are_told_of(client: Call, service, tuning) -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "depth", "Values": ["1"]}]}
    await client("create_hyper_parameter_tuning_job", **tuning("wrong", "Random", ranges, 1))
    await service.tuning_jobs.ended("wrong")
    described = await client(
        "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName="wrong"
    )
    assert described["HyperParameterTuningJobStatus"] == "Failed"
    assert "depth is unknown (did you mean max_depth?)" in described["FailureReason"]
