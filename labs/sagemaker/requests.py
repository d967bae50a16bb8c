"""The lab's requests, as boto3 takes them, whoever answers: this machine or AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HYPERPARAMETERS: Mapping[str, str] = {
    "objective": "multi:softmax",
    "num_class": "10",
    "max_depth": "5",
    "eta": "0.2",
    "gamma": "4",
    "min_child_weight": "6",
    "num_round": "10",
    "eval_metric": "merror",
}
"""The course's; merror is the share of wrong answers."""
CSV = "text/csv"
INSTANCE = "ml.m5.xlarge"
VOLUME_GB = 5
SEEDS = 2**31
"""RandomSeed is below."""


@dataclass(frozen=True)
class Place:
    """Where a run's objects are, and on whose behalf the service works."""

    bucket: str
    prefix: str
    role: str

    def address(self, name: str) -> str:
        return f"s3://{self.bucket}/{self.prefix}/{name}"


def training_job(
    name: str,
    place: Place,
    image: str,
    hyperparameters: Mapping[str, str],
    *,
    instances: int,
    runtime_s_max: int,
) -> dict[str, Any]:
    """CreateTrainingJob. The objects under train/ are divided between the instances."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "RoleArn": place.role,
        "HyperParameters": dict(hyperparameters),
        "InputDataConfig": [
            channel("train", place, "ShardedByS3Key" if instances > 1 else "FullyReplicated"),
            channel("validation", place, "FullyReplicated"),
        ],
        "OutputDataConfig": {"S3OutputPath": place.address("output")},
        "ResourceConfig": {
            "InstanceType": INSTANCE,
            "InstanceCount": instances,
            "VolumeSizeInGB": VOLUME_GB,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": runtime_s_max},
    }


def tuning_job(
    name: str, place: Place, image: str, static: Mapping[str, str], *, jobs: int, seed: int
) -> dict[str, Any]:
    """CreateHyperParameterTuningJob over the objects under tuning/: the least share of wrong
    answers on the channel validation.
    """
    tuned = {"max_depth", "eta", "gamma", "min_child_weight"}
    training = training_job(name, place, image, {}, instances=1, runtime_s_max=3600)
    for one in training["InputDataConfig"]:
        source = one["DataSource"]["S3DataSource"]
        source["S3Uri"] = place.address(f"tuning/{one['ChannelName']}/")
    del training["TrainingJobName"], training["HyperParameters"]
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {
                "Type": "Minimize",
                "MetricName": "validation:merror",
            },
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {
                "IntegerParameterRanges": [
                    {"Name": "max_depth", "MinValue": "3", "MaxValue": "8"},
                ],
                "ContinuousParameterRanges": [
                    {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"},
                    {"Name": "gamma", "MinValue": "0", "MaxValue": "4"},
                    {"Name": "min_child_weight", "MinValue": "1", "MaxValue": "6"},
                ],
            },
            "RandomSeed": seed % SEEDS,
        },
        "TrainingJobDefinition": training
        | {"StaticHyperParameters": {k: v for k, v in static.items() if k not in tuned}},
    }


def channel(name: str, place: Place, distribution: str) -> dict[str, Any]:
    """One of InputDataConfig, over the objects under NAME/."""
    return {
        "ChannelName": name,
        "ContentType": CSV,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": place.address(f"{name}/"),
                "S3DataDistributionType": distribution,
            }
        },
    }


def model(name: str, place: Place, image: str, archive: str) -> dict[str, Any]:
    """CreateModel."""
    return {
        "ModelName": name,
        "ExecutionRoleArn": place.role,
        "PrimaryContainer": {"Image": image, "ModelDataUrl": archive},
    }


def endpoint_config(
    name: str, models: Mapping[str, str], weights: Mapping[str, float]
) -> dict[str, Any]:
    """CreateEndpointConfig; both mappings are by variant."""
    return {
        "EndpointConfigName": name,
        "ProductionVariants": [
            {
                "VariantName": variant,
                "ModelName": models[variant],
                "InitialInstanceCount": 1,
                "InstanceType": INSTANCE,
                "InitialVariantWeight": weight,
            }
            for variant, weight in weights.items()
        ],
    }
