"""Holds a storm over real processes, and says whether all was exact in the end.

python -m chaos --seed 7                       two minutes
python -m chaos --seed 7 --plan                what it would do
python -m chaos --minutes 30 --kills 1000 --reshards 200 --readings 5000 --unicorns 100
python -m chaos --sabotage torn-snapshot       a control: must turn red
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chaos.plan import Event, amounts, make_plan
from chaos.report import print_report
from chaos.sabotage import SABOTAGE
from chaos.storm import Outcome, Settings, Storm
from wildrydes.reserved_port import reserved_port


def main() -> int:
    """0: all exact; 1: not."""
    asked = _arguments()
    length_s = asked.minutes * 60 * asked.time_scale
    wanted = amounts(asked.minutes)
    if asked.kills is not None:
        wanted = replace(wanted, kills=asked.kills)
    if asked.reshards is not None:
        wanted = replace(wanted, reshards=asked.reshards)
    plan = make_plan(asked.seed, length_s, wanted)
    if asked.plan:
        print("\n".join(map(str, plan)))
        return 0
    folder = Path(tempfile.mkdtemp(prefix=f"wildrydes-storm-{asked.seed}-"))
    (folder / "plan.txt").write_text("\n".join(map(str, plan)) + "\n")
    unicorns = asked.unicorns or max(1, round(asked.readings / asked.time_scale))
    settings = Settings(
        asked.seed, length_s, asked.time_scale, asked.readings, unicorns, asked.sabotage, folder
    )
    print(f"storm {asked.seed}: {len(plan)} events in {asked.minutes:g} minutes; logs in {folder}")
    with reserved_port() as port:
        storm = Storm(settings, port, lambda line: print(line, flush=True))
        outcome = asyncio.run(_hold(storm, plan))
    print_report(outcome, settings)
    if outcome.ok and not asked.keep:
        shutil.rmtree(folder)
    return 0 if outcome.ok else 1


async def _hold(storm: Storm, plan: Sequence[Event]) -> Outcome:
    running = asyncio.ensure_future(storm.run(plan))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    return await running


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=0, help="of the plan and the readings (0)")
    parser.add_argument("--minutes", type=float, default=2.0, help="by the machine's clock (2)")
    parser.add_argument("--time-scale", type=float, default=20.0, help="of the storm's clock (20)")
    parser.add_argument(
        "--readings", type=float, default=500.0, help="a second of the machine's clock (500)"
    )
    parser.add_argument(
        "--unicorns", type=int, help="who send them (as many as send one a second of its clock)"
    )
    parser.add_argument("--kills", type=int, help="how many (12 a minute)")
    parser.add_argument("--reshards", type=int, help="how many (3 a minute)")
    parser.add_argument("--sabotage", choices=sorted(SABOTAGE), help="a wrong processor")
    parser.add_argument("--plan", action="store_true", help="print what would happen, and end")
    parser.add_argument("--keep", action="store_true", help="keep logs and data when all is well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
