"""What many viewers of one live map wait for: `python bench/map_viewers.py`, two minutes, nothing
asserted.

A map with 10,000 unicorns of its own in one process, a thousand viewers in another, with and
without a tenth of them stuck. With fewer than three idle cores the two disturb each other.
"""

import subprocess
import sys

RUNS = (("0%", "100"), ("0%", "1000"), ("10%", "1000"))


def main() -> None:
    """Runs the load tool as a user does."""
    for stuck, viewers in RUNS:
        command = [sys.executable, "-m", "wildrydes", "bench", "viewers", "--viewers", viewers]
        subprocess.run([*command, "--unicorns", "10000", "--stuck", stuck], check=True)


if __name__ == "__main__":
    main()
