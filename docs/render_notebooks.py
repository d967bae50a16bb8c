"""Runs the notebooks of the labs and writes them, with their outputs, as pages:
`make docs-notebooks`. Needs the labs' libraries, and no network.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from nbconvert import MarkdownExporter

from labs.sagemaker.notebook import execute
from local_kinesis.endpoint import LocalEndpoint

FOLDER = Path(__file__).parent / "labs"
NAME = "sagemaker-notebook"
HEAD = """<!-- Written from labs/sagemaker/notebook.ipynb by `make docs-notebooks`; do not edit. -->

The [notebook](../../labs/sagemaker/notebook.ipynb) of [the lab](../../labs/sagemaker/README.md),
as it ran on this project's own services, on scikit-learn's digits in the place of MNIST.

"""


async def render() -> None:
    """Writes the page and its pictures."""
    with TemporaryDirectory() as folder:
        async with LocalEndpoint() as endpoint:
            notebook = await execute(Path(folder), endpoint.url)
    for cell in notebook.cells:
        # Warnings of libraries, which name the files of one machine.
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    body, resources = MarkdownExporter().from_notebook_node(
        notebook, resources={"unique_key": NAME, "output_files_dir": NAME}
    )
    await asyncio.to_thread(write, body, resources["outputs"])


def write(body: str, pictures: dict[str, bytes]) -> None:
    (FOLDER / NAME).mkdir(parents=True, exist_ok=True)
    for old in (FOLDER / NAME).iterdir():
        old.unlink()
    for name, content in pictures.items():
        (FOLDER / name).write_bytes(content)
    lines = [line.rstrip() for line in body.replace("![png]", "![Digits]").splitlines()]
    (FOLDER / f"{NAME}.md").write_text(HEAD + "\n".join(lines).strip() + "\n", encoding="utf-8")
    print(f"wrote {NAME}.md", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(render())
