"""The load tool against a real map: what it counts is what the map sent."""

import json
import random

import pytest
from click.testing import CliRunner

from fleet.errors import ConfigError
from sinks.live_map.frame import HEADER, MAGIC, VERSION
from sinks.live_map.speech import websocket_message
from wildrydes.bench import viewer as viewer_module
from wildrydes.bench.load import LoadSettings, run_load
from wildrydes.bench.own_map import own_map
from wildrydes.bench.viewer import LoadViewer
from wildrydes.commands.bench.viewers import command


async def test_frames_are_found_however_the_bytes_come() -> None:
    seen: list[int] = []
    chance = random.Random(7)
    sent = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    for sequence in range(200):
        size = chance.choice((0, 1, 6, 7, 100, 5_000))
        frame = HEADER.pack(MAGIC, VERSION, 1, 0, size, sequence, 0.0) + bytes(16 * size)
        sent += websocket_message(0x82, frame)
        sent += websocket_message(0x81, b"x" * chance.choice((0, 1, 125, 126, 70_000)))
        sent += websocket_message(0x89, b"")
    viewer = LoadViewer(b"", lambda sequence, *_: seen.append(sequence), is_stuck=False)
    at = 0
    while at < len(sent):
        piece = sent[at : at + chance.choice((1, 2, 13, 40, 3_000, 200_000))]
        viewer_module._BUFFER[: len(piece)] = piece
        viewer.buffer_updated(len(piece))
        at += len(piece)
    assert viewer.opened.done()
    assert seen == list(range(200))
    assert (viewer.delivered, viewer.skipped, viewer.bytes) == (200, 0, len(sent))


async def test_a_run_against_a_map_of_its_own() -> None:
    async with own_map(50) as target:
        for seconds in (1.5, 30):
            outcome = await run_load(LoadSettings(target.url, viewers=5, stuck=1, seconds=seconds))
            if outcome.ticks:  # on a busy machine not every second has one
                break
        assert (await target.status())["memory_bytes"] > 0
    assert (outcome.unicorns, outcome.closed, outcome.skipped) == (50, 0, 0)
    assert outcome.delivered == 4 * outcome.ticks > 0
    assert 0 <= outcome.latency_ms_p50 <= outcome.latency_ms_max
    json.dumps(outcome.as_dict())


@pytest.mark.parametrize("url", ["http://192.168.1.5:8080", "http://map.example", "http://[::]"])
def test_only_this_machine_is_loaded(url: str) -> None:
    with pytest.raises(ConfigError, match="not on this machine"):
        LoadSettings(url, viewers=1, stuck=0, seconds=1).check()
    result = CliRunner().invoke(command, ["--url", url])
    assert isinstance(result.exception, ConfigError)


@pytest.mark.parametrize(
    "arguments",
    [["--stuck", "110%"], ["--stuck", "x"], ["--url", "http://127.0.0.1", "--unicorns", "5"]],
)
def test_what_means_nothing_is_a_usage_error(arguments: list[str]) -> None:
    assert CliRunner().invoke(command, arguments).exit_code == 2
