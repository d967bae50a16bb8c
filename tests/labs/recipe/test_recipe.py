"""Against features worked out by hand."""

import json

import numpy as np
import polars as pl
import pytest

from fleet.errors import ConfigError
from labs.datasource.schema import Kind, Schema
from labs.recipe.feature import Attribute, Cartesian, Normalize, QuantileBin
from labs.recipe.model import RecipeModel
from labs.recipe.recipe import parse_recipe

SCHEMA = Schema(
    "rating",
    {
        "age": Kind.NUMERIC,
        "hours-per-week": Kind.NUMERIC,
        "budget": Kind.CATEGORICAL,
        "price": Kind.CATEGORICAL,
        "smoker": Kind.BINARY,
        "rating": Kind.CATEGORICAL,
    },
)
AGE, HOURS = Attribute("age", True), Attribute("hours-per-week", True)
BUDGET, PRICE, SMOKER = (Attribute(name, False) for name in ("budget", "price", "smoker"))


def recipe(*outputs: str, groups: dict | None = None, assignments: dict | None = None) -> str:
    return json.dumps(
        {"groups": groups or {}, "assignments": assignments or {}, "outputs": outputs}, indent=2
    )


@pytest.mark.parametrize(
    ("outputs", "features"),
    [
        (["ALL_INPUTS"], [AGE, HOURS, BUDGET, PRICE, SMOKER]),
        (["ALL_NUMERIC", "ALL_BINARY", "ALL_TEXT"], [AGE, HOURS, SMOKER]),
        (["hours-per-week // as it is"], [HOURS]),
        (["'budget'", '"price"'], [BUDGET, PRICE]),
        (["budget", "ALL_CATEGORICAL"], [BUDGET, PRICE]),
        (["quantile_bin(age, 10)"], [QuantileBin("age", 10)]),
        (["normalize( ALL_NUMERIC )"], [Normalize("age"), Normalize("hours-per-week")]),
        (["cartesian(budget, price)"], [Cartesian((BUDGET, PRICE))]),
        (
            ["cartesian(budget,price,quantile_bin(age,3))"],
            [Cartesian((BUDGET, PRICE, QuantileBin("age", 3)))],
        ),
        (["PEOPLE"], [AGE, SMOKER]),
        (["cartesian(smoker, PLACES)"], [Cartesian((SMOKER, PRICE))]),
        (["taste"], [Cartesian((BUDGET, PRICE))]),
    ],
)
def test_outputs_are_the_features_that_their_text_says(outputs: list, features: list) -> None:
    text = recipe(
        *outputs,
        groups={
            "PEOPLE": "group(age, smoker)",
            "PLACES": "group_remove(ALL_CATEGORICAL, budget)",
        },
        assignments={"pair": "cartesian(budget, price)", "taste": "pair"},
    )
    assert list(parse_recipe(text, SCHEMA)) == features


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("salary", "character 1: no attribute, group or assignment 'salary'"),
        ("cartesian(budget, wine)", "character 19: no attribute, group or assignment 'wine'"),
        ("cartesian(budget)", "character 1: cartesian takes two arguments or more"),
        ("cartesian(budget, age)", "character 19: cartesian takes categories"),
        ("quantile_bin(budget, 5)", "character 14: quantile_bin takes NUMERIC"),
        ("quantile_bin(age)", "character 1: quantile_bin takes (numbers, bins)"),
        ("quantile_bin(age, ten)", "character 19: 'ten' is no number of bins"),
        ("quantile_bin(age, 1)", "character 19: '1' is no number of bins"),
        ("normalize(age, 2)", "character 1: normalize takes (numbers)"),
        ("ngram(budget, 2)", "character 1: ngram transforms TEXT"),
        ("logarithm(age)", "character 1: no function 'logarithm'"),
        ("cartesian(budget, price", "character 24: the parenthesis of cartesian is not closed"),
        ("budget price", "character 8: 'price' after the end"),
        ("cartesian(, price)", "character 11: a name is missing before ','"),
        ("budget\\", "character 7: '\\\\' cannot stand here"),
        ("", "character 1: a name is missing before 'the end'"),
    ],
)
def test_an_error_says_line_entry_and_character(output: str, message: str) -> None:
    text = recipe("age", output)
    with pytest.raises(ConfigError) as raised:
        parse_recipe(text, SCHEMA, "recipe.json")
    # Groups and assignments take a line each, then "outputs", then one line an entry.
    assert str(raised.value).startswith(f"recipe.json:6: outputs, entry 2, {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"outputs": [1]}', "outputs is not a list of texts"),
        ('{"outputs": []}', "no outputs"),
        ("[]", "no outputs"),
        ('{"outputs": ["age"], "inputs": []}', "no section 'inputs'"),
        ('{"groups": ["age"], "outputs": ["age"]}', "groups is not an object of texts"),
        ('{\n "outputs": [age]}', "recipe:2:14: "),
        ('{"groups": {"G": "age"}, "outputs": ["G"]}', "a group is group"),
        ('{"groups": {"G": "group(normalize(age))"}, "outputs": ["G"]}', "not a call"),
    ],
)
def test_what_is_no_recipe_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_recipe(text, SCHEMA)
    assert message in str(raised.value)


def test_bins_are_the_training_rows_quantiles() -> None:
    training = pl.DataFrame({"age": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]})
    learned = QuantileBin("age", 4).learn(training)
    # Quartiles of 1 to 8: 2.75, 4.5, 6.25.
    rows = pl.DataFrame({"age": [-9.0, 2.7, 2.75, 4.5, 6.2, 99.0, None]})
    assert learned.values(rows).to_list() == ["0", "0", "1", "2", "2", "3", "(missing)"]


def test_normalize_uses_the_training_rows_mean_and_deviation() -> None:
    learned = Normalize("age").learn(pl.DataFrame({"age": [2.0, 4.0]}))
    rows = pl.DataFrame({"age": [3.0, 5.0, None]})
    assert learned.values(rows).to_list() == [0.0, 2.0, 0.0]


def test_a_product_tells_pairs_apart_that_look_alike_when_joined() -> None:
    rows = pl.DataFrame({"budget": ["a", "ab", None], "price": ["bc", "c", "c"]})
    values = Cartesian((BUDGET, PRICE)).learn(rows).values(rows).to_list()
    assert len(set(values)) == 3


def exclusive_or(random: np.random.Generator) -> pl.DataFrame:
    """Liked when budget and price are both high or both low: neither alone tells anything."""
    budget, price = random.integers(0, 2, (2, 400))
    return pl.DataFrame(
        {
            "budget": budget.astype(str),
            "price": price.astype(str),
            "rating": np.where(budget == price, "good", "bad"),
        }
    )


def test_a_linear_model_sees_an_interaction_through_the_product_alone() -> None:
    random = np.random.default_rng(1)
    training, test = exclusive_or(random), exclusive_or(random)

    def right(*outputs: str) -> float:
        features = parse_recipe(recipe(*outputs), SCHEMA)
        model = RecipeModel.fit(features, training, training["rating"])
        return float(np.mean(np.array(model.answers(test)) == test["rating"].to_numpy()))

    assert right("cartesian(budget, price)") == 1.0
    assert right("budget", "price") < 0.6


def test_a_category_that_training_has_not_seen_counts_as_none() -> None:
    rows = exclusive_or(np.random.default_rng(1))
    features = parse_recipe(recipe("budget", "price"), SCHEMA)
    model = RecipeModel.fit(features, rows, rows["rating"])
    scores = model.scores(pl.DataFrame({"budget": ["9"], "price": ["9"]}))
    assert scores.sum() == pytest.approx(1.0)
    assert model.classes == ("bad", "good")
