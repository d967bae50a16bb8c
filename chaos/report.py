"""What a storm did and what came of it, to be read by people."""

import json
import os
import platform

from chaos.storm import Outcome, Settings
from wildrydes import __version__


def print_report(outcome: Outcome, settings: Settings) -> None:
    """Counts, the verdict, and how to repeat it."""
    length_s = settings.length_s / settings.time_scale
    minutes = length_s / 60
    print(f"\nstorm {settings.seed}: {minutes:g} minutes at {settings.readings_per_s:g} readings/s")
    print(f"wildrydes {__version__}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(f"full disk: {outcome.disk}")
    landed = next((c["found"] for c in outcome.verdict.get("comparisons", [])), 0)
    print(f"landed: {landed} readings that were acknowledged, {landed / length_s:.0f}/s")
    for what, count in sorted(outcome.happened.items()):
        print(f"{count:7} {what}")
    for note in outcome.notes:
        print(f"note: {note}")
    for comparison in outcome.verdict.get("comparisons", []):
        print(json.dumps(comparison)[:600])
    for fault in outcome.faults:
        print(f"WRONG: {fault}")
    if outcome.ok:
        print("verify: all exact")
    else:
        print(f"NOT EXACT (verify ended with {outcome.verified}); data in {settings.folder}")
