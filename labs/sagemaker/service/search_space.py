"""ParameterRanges of a tuning job as Optuna's distributions, and the strategy as its sampler."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from labs.sagemaker.service.fault import Invalid

RANDOM_FIRST = 5
"""Jobs of the Bayesian strategy before the first that has learned from others."""
Distributions = dict[str, Any]


def distributions(ranges: Mapping[str, Any]) -> Distributions:
    """By the hyperparameters' names. Raises Invalid."""
    found: Distributions = {}
    for kind, make in (
        ("IntegerParameterRanges", _whole),
        ("ContinuousParameterRanges", _continuous),
        ("CategoricalParameterRanges", _categorical),
    ):
        for given in ranges.get(kind, ()):
            name = given["Name"]
            if name in found:
                raise Invalid(f"there are two ranges for {name}")
            try:
                found[name] = make(given)
            except ValueError as error:
                raise Invalid(f"the range of {name}: {error}") from None
    if not found:
        raise Invalid("ParameterRanges has no range: there is nothing to tune")
    return found


def sampler(strategy: str, seed: int) -> Any:
    """Raises Invalid for a strategy that is not here."""
    match strategy:
        case "Bayesian":
            return optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_FIRST)
        case "Random" | "Grid":
            return optuna.samplers.RandomSampler(seed=seed)
    raise Invalid(f"strategy {strategy} is not here", remedy="take Bayesian, Random or Grid")


def grid(space: Distributions) -> list[dict[str, str]]:
    """Every combination. Raises Invalid."""
    for name, distribution in space.items():
        if not isinstance(distribution, CategoricalDistribution):
            raise Invalid(f"strategy Grid takes categorical ranges only; {name} is none")
    choices = product(*(distribution.choices for distribution in space.values()))
    return [dict(zip(space, chosen, strict=True)) for chosen in choices]


def _whole(given: Mapping[str, Any]) -> Any:
    return IntDistribution(int(given["MinValue"]), int(given["MaxValue"]), log=_is_log(given))


def _continuous(given: Mapping[str, Any]) -> Any:
    low, high = float(given["MinValue"]), float(given["MaxValue"])
    return FloatDistribution(low, high, log=_is_log(given))


def _categorical(given: Mapping[str, Any]) -> Any:
    return CategoricalDistribution(given["Values"])


def _is_log(given: Mapping[str, Any]) -> bool:
    scaling = given.get("ScalingType", "Auto")
    if scaling == "ReverseLogarithmic":
        raise ValueError("ScalingType ReverseLogarithmic is not here")
    return bool(scaling == "Logarithmic")
