"""The program on a machine whose clock is hours off and jumps back and forth every second."""

import random
import time

from wildrydes.cli import main

HOUR_NS = 3_600_000_000_000
_true_ns = time.time_ns


def _lie_ns() -> int:
    now_ns = _true_ns()
    return now_ns + random.Random(now_ns // 1_000_000_000).randrange(-9, 10) * HOUR_NS


time.time_ns = _lie_ns
time.time = lambda: _lie_ns() / 1e9

if __name__ == "__main__":
    main()
