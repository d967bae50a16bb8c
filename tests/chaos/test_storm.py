"""A storm over real processes, and the controls that show that it can fail. One at a time: two
would be in each other's way.
"""

import subprocess
import sys

import pytest

from chaos.sabotage import SABOTAGE

pytestmark = pytest.mark.long

DEADLINE_S = 1200.0
"""Far beyond what two minutes and what comes after take."""


def storm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chaos", *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def test_after_two_minutes_of_storm_all_is_exact() -> None:
    held = storm("--seed", "1")
    assert held.returncode == 0, held.stdout + held.stderr
    assert "verify: all exact" in held.stdout


@pytest.mark.parametrize("wrong", sorted(SABOTAGE))
def test_control_a_storm_over_a_wrong_processor_turns_red(wrong: str) -> None:
    held = storm("--seed", "7", "--minutes", "1", "--kills", "15", "--reshards", "10",
                 "--sabotage", wrong)  # fmt: skip
    assert held.returncode == 1, held.stdout + held.stderr
    assert "NOT EXACT" in held.stdout
