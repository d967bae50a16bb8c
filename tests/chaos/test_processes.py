"""What a kept process said of itself, read from its log while it writes."""

from pathlib import Path

from chaos.processes import Kept


def test_the_newest_status_is_that_of_the_last_whole_line(tmp_path: Path) -> None:
    kept = Kept("processor", list, str, tmp_path, lives=3)
    log = tmp_path / "processor-3.log"
    log.write_text('{"event": "ready", "url": ""}\n')
    assert kept.newest_status() == {}
    with log.open("a") as file:
        file.write('{"event": "status", "lag_ms": 7}\nwildrydes: waiting\n{"event": "sta')
    assert kept.newest_status()["lag_ms"] == 7
