"""The golden cases: each rule of the dialect, worked out by hand, in every way in which records may
reach an application.
"""

import re
from pathlib import Path

import pytest

from wildrydes.trial.case import Case, find_cases
from wildrydes.trial.verdict import judge

ROOT = Path(__file__).parent
DECISIONS = (ROOT.parents[1] / "docs/sql/decisions.md").read_text()
CASES = list(find_cases(ROOT))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.folder.relative_to(ROOT)))
def test_case(case: Case) -> None:
    verdict = judge(case)
    assert verdict.problem is None, "\n".join([verdict.problem or "", *verdict.details])


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.folder.relative_to(ROOT)))
def test_a_case_names_the_source_of_its_rule(case: Case) -> None:
    """Of an application's comments, one says where the rule is written, or that we decided it."""
    text = ((case.application_folder or case.folder) / "app.sql").read_text()
    sources = re.findall(r"^-- Source: (.+)", text, re.MULTILINE)
    assert len(sources) == 1
    for source in sources[0].split("; "):
        page, _, section = source.partition(", ")
        if page == "decisions.md":
            assert f"## {section}" in DECISIONS.splitlines()
        elif page.startswith("docs/"):
            assert (ROOT.parents[1] / page).exists()
