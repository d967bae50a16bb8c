"""The labs, and what each needs; none of them is imported here, so that listing costs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from fleet.errors import ConfigError


@dataclass(frozen=True)
class Entry:
    """One lab: what it asks, the AWS service that answered once, and what answers here."""

    question: str
    service: str
    stand_in: str
    modules: tuple[str, ...]
    """Beyond the default install; the extra `labs` has them all."""


REPORT = ("jinja2", "matplotlib", "pooch")
"""What every lab needs."""

LEARNING = (*REPORT, "lightgbm", "polars", "scipy", "sklearn")

LABS: Mapping[str, Entry] = {
    "cloudfront": Entry(
        question="How many requests to CloudFront came from each operating system?",
        service="Amazon EMR (Hadoop, Hive)",
        stand_in="DuckDB; PySpark",
        modules=REPORT,
    ),
    "s3": Entry(
        question="Who can read a file on S3, when, and which version of it?",
        service="Amazon S3",
        stand_in="the local endpoint",
        modules=REPORT,
    ),
    "redshift": Entry(
        question="How many users like both Vegas and sports, and how many either?",
        service="Amazon Redshift",
        stand_in="DuckDB, or a PostgreSQL server",
        modules=(*REPORT, "polars"),
    ),
    "restaurants": Entry(
        question="How will a guest rate a restaurant, from what is known of both?",
        service="Amazon Machine Learning",
        stand_in="Amazon ML's recipes, run by Polars and scikit-learn",
        modules=LEARNING,
    ),
    "banking": Entry(
        question="Which of a bank's customers will take the offer, and where is the cut-off?",
        service="Amazon Machine Learning",
        stand_in="LightGBM; scikit-learn for Amazon ML's own model",
        modules=LEARNING,
    ),
    "sagemaker": Entry(
        question="How well does XGBoost read handwritten digits, trained and hosted as by AWS?",
        service="Amazon SageMaker",
        stand_in="XGBoost, behind SageMaker's API",
        modules=(*REPORT, "optuna", "polars", "scipy", "sklearn", "xgboost"),
    ),
}


def require(modules: tuple[str, ...], extra: str = "labs") -> None:
    """Raises ConfigError when one of the modules is not installed."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"not installed: {', '.join(missing)}",
            remedy=f"pip install 'wildrydes[{extra}]'",
        )
