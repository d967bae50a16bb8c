"""The lab: run the recipe, judge it with its products and without, tell it."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Final

from labs.catalogue import LABS
from labs.datasource.reader import read_rows
from labs.datasource.schema import read_schema
from labs.datasource.split import random_split
from labs.evaluation.presentation import confusion_json, tell_confusion
from labs.lab_run import LabRun
from labs.recipe.recipe import read_recipe
from labs.report import Report
from labs.restaurants.ablation import Difference, Variant, compare, judge, without_products
from labs.restaurants.dataset import DATASET, FILE
from labs.restaurants.twins import Twins, find_twins

WITH, WITHOUT = "the recipe", "the recipe without its products"
PUBLISHED: Final = (
    "Of the course's file (15,593 rows, not part of this project) the course published 93.5 % "
    "accuracy; 95.2 % can be reached on it, with macro-F1 0.947."
)
PRODUCTS: Final = (
    "A cartesian product makes a category of every combination: a low budget with a high price, "
    "for one. Logistic regression adds up weights, and without products it has none for what two "
    "attributes mean together."
)


def run(run: LabRun, schema_path: Path, recipe_path: Path, delimiter: str) -> Report:
    """Raises ConfigError for a schema, a recipe or a file that cannot be used."""
    schema = read_schema(schema_path)
    recipe = read_recipe(recipe_path, schema)
    data = run.obtain(DATASET)
    rows = read_rows(data.files[FILE], schema, delimiter)
    classes = rows[schema.target].unique().sort().to_list()
    split = random_split(rows, run.seed)
    split.check_classes(schema.target)
    truth = split.test[schema.target]

    run.say(f"training on {split.training.height:,} rows, {WITH}")
    best = judge(WITH, recipe.features, schema, split, classes)
    plain = without_products(recipe.features)
    variants = [best]
    # Nothing can be left out of a recipe without products, nor everything.
    if plain and len(plain) < len(recipe.features):
        run.say(f"training again, {WITHOUT}")
        variants.append(judge(WITHOUT, plain, schema, split, classes))

    report = Report(
        "restaurants",
        "Amazon ML: ratings of restaurants",
        LABS["restaurants"].question,
        run.seed,
        origins=[data.origin],
    )
    report.text(f"{rows.height:,} rows; {split.test.height:,} of them, drawn by chance, judge.")
    report.text(PUBLISHED)
    commonest = Counter(truth.to_list()).most_common(1)[0][1] / len(truth)
    _tell_variants(report, variants, commonest)
    if len(variants) == 2:
        _tell_difference(report, compare(best, variants[1], truth))
    report.heading("The answers of the recipe's model")
    tell_confusion(report, best.confusion, "ratings")
    _tell_twins(report, find_twins(schema, rows, split))
    report.heading("The recipe")
    report.code(recipe.text)
    report.results |= {
        "rows": rows.height,
        "most_common_answer": commonest,
        "models": {
            one.name: {"weights": one.weights, **confusion_json(one.confusion, run.seed)}
            for one in variants
        },
    }
    report.answer = (
        f"{best.confusion.accuracy:.1%} of the ratings are foreseen, macro-F1 "
        f"{best.confusion.macro_f1:.3f}"
        + (
            f"; without the recipe's products {variants[1].confusion.accuracy:.1%}."
            if len(variants) == 2
            else "."
        )
    )
    return report


def _tell_variants(report: Report, variants: list[Variant], commonest: float) -> None:
    report.heading("What the recipe's products are worth")
    report.text(PRODUCTS)
    report.table(
        "Right answers on the test part, with 95% bootstrap intervals",
        ["model", "weights", "accuracy", "macro-F1"],
        [
            ["always the most common rating", None, f"{commonest:.4f}", None],
            *(
                [
                    one.name,
                    one.weights,
                    str(one.confusion.accuracy_interval(report.seed)),
                    str(one.confusion.macro_f1_interval(report.seed)),
                ]
                for one in variants
            ),
        ],
        numbers=("weights", "accuracy", "macro-F1"),
    )


def _tell_difference(report: Report, difference: Difference) -> None:
    report.text(
        f"{difference.only_first:,} test rows are right with the products alone, "
        f"{difference.only_second:,} without them alone (McNemar's exact test: p = "
        f"{difference.p_value:.2g})."
    )
    report.results["products"] = asdict(difference)


def _tell_twins(report: Report, twins: Twins) -> None:
    report.heading("What is in reach")
    report.text(
        f"Who knew all rows and said, for each set of inputs, its most frequent rating would be "
        f"right in {twins.ceiling:.1%}. Of the test rows {twins.known:.1%} have a twin among the "
        "training rows, with the same inputs: the more of them, the less the accuracy tells about "
        "guests and places that are new."
    )
    report.results["twins"] = asdict(twins)
