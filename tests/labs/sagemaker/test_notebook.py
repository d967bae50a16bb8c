"""The notebook: clean in the repository, and it runs from end to end without a browser."""

import json
import re
from pathlib import Path

import pytest

from fleet.errors import ConfigError
from labs.sagemaker.notebook import NOTEBOOK, execute, parameters, with_values
from local_kinesis.endpoint import LocalEndpoint

PAGE = NOTEBOOK.parents[2] / "docs/labs/sagemaker-notebook.md"


def cells() -> list[dict]:
    return json.loads(NOTEBOOK.read_text())["cells"]


def code() -> list[str]:
    return ["".join(one["source"]) for one in cells() if one["cell_type"] == "code"]


def test_no_outputs_are_kept() -> None:
    for cell in cells():
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_the_page_in_the_docs_is_of_this_notebook() -> None:
    page = PAGE.read_text()
    for source in code():
        assert source in page, "run `make docs-notebooks`"


# IPython looks up its own tasks in a way that asyncio will not have for ever.
@pytest.mark.filterwarnings("default")
async def test_it_runs(tmp_path: Path) -> None:
    async with LocalEndpoint() as endpoint:
        notebook = await execute(tmp_path, endpoint.url)
    printed = "".join(
        output["text"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream"
    )
    # The reference for scikit-learn's digits with the course's settings: 10.2 % of 540.
    assert "55 of 540 are misread: 10.19%" in printed
    assert "validation:merror 0.1018" in printed or "validation:merror 0.1019" in printed
    assert "InService" in printed
    assert "OTHER DATA in the place of the real ones" in printed
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 2
    assert re.search(r'sagemaker_url = "http://127.0.0.1:8085"', parameters(notebook).source)


def test_a_name_that_no_line_assigns() -> None:
    assert with_values("a = 1\nb = 2", {"b": "x"}) == "a = 1\nb = 'x'"
    with pytest.raises(ConfigError, match="no line assigns c"):
        with_values("a = 1", {"c": "x"})
