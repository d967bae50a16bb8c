"""The lab's notebook, run without a browser: for its test, and for the page in the docs."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from awsio.clients import AwsClients
from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from labs.sagemaker.service.gateway import Gateway
from labs.sagemaker.service.service import LocalSageMaker

NOTEBOOK = Path(__file__).with_name("notebook.ipynb")
PARAMETERS = "parameters"
"""Tag of the cell whose assignments can be replaced."""
CELL_TIMEOUT_S = 600


async def execute(folder: Path, s3_url: str) -> Any:
    """The notebook with its outputs, run against a service of its own over S3 at `s3_url`; what it
    leaves behind is in `folder`. Raises nbclient's CellExecutionError.
    """
    notebook = await asyncio.to_thread(nbformat.read, NOTEBOOK, nbformat.NO_CONVERT)
    async with (
        AwsClients(AwsSettings(s3_url)) as aws,
        LocalSageMaker(folder / "service", aws) as service,
        Gateway(service) as gateway,
    ):
        told = {
            "s3_url": s3_url,
            "sagemaker_url": gateway.url,
            "folder": str(folder / "data"),
        }
        cell = parameters(notebook)
        given = cell.source
        cell.source = with_values(given, told)
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT_S,
            resources={"metadata": {"path": str(folder)}},
        )
        await client.async_execute()
        # As its author wrote it: addresses of one run are nobody's business.
        cell.source = given
    return notebook


def parameters(notebook: Any) -> Any:
    """The cell that holds them. Raises ConfigError without one."""
    for cell in notebook.cells:
        if PARAMETERS in cell.metadata.get("tags", ()):
            return cell
    raise ConfigError(f"{NOTEBOOK} has no cell with the tag {PARAMETERS}")


def with_values(source: str, values: Mapping[str, str]) -> str:
    """The cell's lines, with those that assign one of the names saying its value. Raises
    ConfigError for a name that none assigns.
    """
    lines = source.splitlines()
    for name, value in values.items():
        positions = [i for i, line in enumerate(lines) if line.startswith(f"{name} = ")]
        if not positions:
            raise ConfigError(f"{NOTEBOOK}: no line assigns {name}")
        lines[positions[0]] = f"{name} = {value!r}"
    return "\n".join(lines)
