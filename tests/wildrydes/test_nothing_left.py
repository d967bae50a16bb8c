"""However `wildrydes up` ends, nothing of it runs on."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.wildrydes.running import Running, wait_until

pytestmark = pytest.mark.long


def processes() -> dict[int, tuple[int, str]]:
    """(parent, command) by process id; one that only waits to be reaped does not run."""
    listing = subprocess.check_output(["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], text=True)
    rows = (line.split(None, 3) for line in listing.splitlines())
    return {int(pid): (int(parent), args) for pid, parent, stat, args in rows if stat[0] != "Z"}


def commands() -> dict[int, str]:
    """The command of each that runs, by process id."""
    return {pid: command for pid, (_, command) in processes().items()}


def descendants(root: int) -> dict[int, str]:
    """The commands below a process, by process id."""
    running = processes()
    found = {root}
    while True:
        more = {pid for pid, (parent, _) in running.items() if parent in found} - found
        if not more:
            return {pid: running[pid][1] for pid in found - {root}}
        found |= more


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_runs_on(tmp_path: Path, number: signal.Signals) -> None:
    flags = ["--port", "0", "--endpoint-port", "0", "--data", str(tmp_path)]
    with Running("up", *flags, "--unicorns", "3") as up:
        up.event(lambda e: e["event"] == "status" and e["readings_in"] > 0)
        below = descendants(up.process_id)
        for part in ("local", "processor", "simulator", "moto_process"):
            assert any(part in command for command in below.values()), f"{part} is not among them"
        up.send(number)
        up.wait()
        # Another process may have got the number of one that has ended.
        wait_until("none of them", lambda: not below.items() & commands().items())
