from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from fleet.errors import ConfigError
from labs.datasource.schema import Kind, Schema
from labs.datasource.split import Split, random_split
from labs.evaluation.confusion import Confusion
from labs.lab_run import LabRun
from labs.restaurants.ablation import Variant, compare
from labs.restaurants.dataset import FILE, RECIPE, SCHEMA
from labs.restaurants.lab import WITH, WITHOUT, run
from labs.restaurants.twins import find_twins


def lab(folder: Path, recipe: Path = RECIPE, data: Path | None = None):
    return run(LabRun(folder, lambda line: None, data=data), SCHEMA, recipe, ",")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    out = tmp_path_factory.mktemp("restaurants")
    return SimpleNamespace(out=out, report=lab(out), data=out / "data" / FILE)


def test_products_are_what_the_ratings_hang_on(generated) -> None:
    models = generated.report.results["models"]
    assert models[WITH]["accuracy"]["low"] > 0.88
    assert models[WITHOUT]["accuracy"]["high"] < 0.50
    assert models[WITH]["macro_f1"]["low"] > models[WITHOUT]["macro_f1"]["high"]
    assert generated.report.results["products"]["p_value"] < 1e-9


def test_products_of_what_does_not_go_together_are_worth_nothing(generated, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text(
        '{"outputs": ["ALL_CATEGORICAL", "cartesian(transport, alcohol)", '
        '"cartesian(drink_level, parking)"]}'
    )
    results = lab(tmp_path, recipe, generated.data).results
    with_products, without = (results["models"][name]["accuracy"] for name in (WITH, WITHOUT))
    assert with_products["value"] == pytest.approx(without["value"], abs=0.03)
    assert results["products"]["p_value"] > 0.01


def test_the_matrix_has_the_test_rows_with_truth_in_rows(generated) -> None:
    rows = pl.read_csv(generated.data, schema_overrides={"rating": pl.String})
    truth = Counter(random_split(rows, 0).test["rating"].to_list())
    matrix = generated.report.results["models"][WITH]["confusion"]
    classes = generated.report.results["models"][WITH]["classes"]
    assert {name: sum(row) for name, row in zip(classes, matrix, strict=True)} == truth
    right = sum(matrix[i][i] for i in range(len(classes)))
    accuracy = generated.report.results["models"][WITH]["accuracy"]["value"]
    assert accuracy == pytest.approx(right / 2_400)


def test_generated_ratings_are_called_so_and_are_the_same_for_a_seed(
    generated, tmp_path: Path
) -> None:
    assert "GENERATED DATA" in generated.report.html()
    again = lab(tmp_path)
    assert (tmp_path / "data" / FILE).read_bytes() == generated.data.read_bytes()
    assert again.as_json() == generated.report.as_json()
    # The published figures are never said to be of these rows.
    assert "not part of this project" in generated.report.html()


def test_a_recipe_without_products_is_judged_alone(generated, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text('{"outputs": ["budget", "normalize(birth_year)"]}')
    results = lab(tmp_path, recipe, generated.data).results
    assert [*results["models"]] == [WITH]
    assert "products" not in results


def test_columns_that_the_schema_does_not_have_are_named(tmp_path: Path) -> None:
    data = tmp_path / FILE
    data.write_text("guest,place,rating\nU1,P1,2\n")
    with pytest.raises(ConfigError, match=r"restaurants.csv: line 1 has no column smoker"):
        lab(tmp_path, data=data)


def variant(answers: str) -> Variant:
    return Variant("", 0, list(answers), Confusion.of(list(answers), list(answers), ("a", "b")))


def test_mcnemar_is_that_of_coins() -> None:
    truth = pl.Series(list("aaaaaaaabb"))
    found = compare(variant("aaaaaaaabb"), variant("bbbbbbbbbb"), truth)
    assert (found.only_first, found.only_second) == (8, 0)
    # All of eight coins on one side: 2 of 256.
    assert found.p_value == pytest.approx(2 / 256)
    assert compare(variant("aaaaaaaabb"), variant("aaaaaaaabb"), truth).p_value == 1.0


def test_twins_are_counted_by_their_inputs() -> None:
    schema = Schema("rating", {"budget": Kind.CATEGORICAL, "rating": Kind.CATEGORICAL})
    rows = pl.DataFrame(
        {"budget": ["low", "low", "low", "high", None], "rating": ["0", "0", "1", "2", "1"]}
    )
    found = find_twins(schema, rows, Split("by hand", rows[:3], rows[2:]))
    # Right at best: two of the three low ones, and the two others.
    assert found.ceiling == pytest.approx(4 / 5)
    # Of low, high and the missing one, training has low alone.
    assert found.known == pytest.approx(1 / 3)
