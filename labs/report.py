"""What a lab found: for people one HTML page that needs nothing beside it, for scripts one JSON
object with the same numbers.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from labs.dataset import Origin

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HTML = "report.html"
JSON = "report.json"


@dataclass(frozen=True)
class Table:
    """Rows under their heads; columns of `numbers` stand at the right."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numbers: Collection[str] = ()


@dataclass(frozen=True)
class Block:
    """One piece of the page: `kind` says which of the template's shapes it takes."""

    kind: str
    content: Any


@dataclass
class Report:
    """Grows while the lab runs. `question` is what the lab asks, `answer` one sentence about what
    came out. `results` is what scripts get: numbers, texts, lists and dictionaries.
    """

    lab: str
    title: str
    question: str
    seed: int
    origins: list[Origin] = field(default_factory=list)
    answer: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.blocks.append(Block("heading", text))

    def text(self, text: str) -> None:
        """One paragraph."""
        self.blocks.append(Block("text", text))

    def code(self, text: str) -> None:
        self.blocks.append(Block("code", text))

    def table(
        self,
        caption: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        numbers: Collection[str] = (),
    ) -> None:
        self.blocks.append(Block("table", Table(caption, heads, rows, numbers)))

    def figure(self, caption: str, figure: "Figure") -> None:
        """A picture of Matplotlib's, drawn into the page; the caption is read out in its place."""
        self.blocks.append(Block("figure", {"caption": caption, "svg": _svg(figure)}))

    def fragment(self, html: Markup) -> None:
        """HTML of the lab's own making, a control for one. Its script runs; it can load nothing."""
        self.blocks.append(Block("fragment", html))

    @property
    def tables(self) -> list[Table]:
        return [block.content for block in self.blocks if block.kind == "table"]

    def as_json(self) -> dict[str, Any]:
        """Everything that a script could want, in a form that JSON has."""
        return {
            "lab": self.lab,
            "question": self.question,
            "answer": self.answer,
            "seed": self.seed,
            "data": [{"origin": one.kind, "where": one.where} for one in self.origins],
            "results": self.results,
        }

    def html(self) -> str:
        """The page."""
        environment = Environment(
            loader=PackageLoader("labs", "page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["cell"] = cell
        return str(environment.get_template("report.html").render(report=self))

    def write(self, out: Path) -> None:
        """Both files into the folder."""
        (out / HTML).write_text(self.html(), encoding="utf-8")
        text = json.dumps(self.as_json(), indent=2, ensure_ascii=False, allow_nan=False)
        (out / JSON).write_text(text + "\n", encoding="utf-8")


def cell(value: Any) -> str:
    """As a cell of a table shows it: thousands apart, four digits after the point."""
    match value:
        case None:
            return ""
        case bool() | str():
            return str(value)
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.4f}"
    return str(value)


def columns(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Heads and rows for `Report.table` out of dictionaries with the same keys."""
    heads = list(rows[0]) if rows else []
    return heads, [[row[head] for head in heads] for row in rows]


def _svg(figure: "Figure") -> Markup:
    """The same bytes for the same figure: no date, and names that do not change from run to run."""
    import matplotlib as mpl

    text = StringIO()
    with mpl.rc_context({"svg.hashsalt": "wildrydes", "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None}, bbox_inches="tight")
    drawn = text.getvalue()
    # It is the library's own drawing; its texts are escaped by the library.
    return Markup(drawn[drawn.index("<svg") :])
