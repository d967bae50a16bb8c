"""How the page takes the feed in: frames, motion, silence, replays. Its modules run in a real
browser, apart from the page."""

import math
import struct

import pytest

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

HEADER = struct.Struct("<4sBBHIId")


def frame(kind: int, time_ms: float, *unicorns: tuple[int, int, float, float, int, int, int]):
    """A frame as docs/live-map.md describes it; id, age in ms, longitude, latitude, health, magic
    and heading (in steps of 1.5 degrees) of each."""
    columns = [[], [], [], []]
    for id_, age_ms, longitude, latitude, health, magic, heading in unicorns:
        columns[0].append(id_ | (age_ms // 8) << 20)
        columns[1].append(round(longitude * 1e7) & 0xFFFFFFFF)
        columns[2].append(round(latitude * 1e7) & 0xFFFFFFFF)
        columns[3].append((health & 0xFFF) | (magic & 0xFFF) << 12 | heading << 24)
    body = b"".join(struct.pack(f"<{len(unicorns)}I", *column) for column in columns)
    return HEADER.pack(b"UNIC", 2, kind, 0, len(unicorns), 7, time_ms) + body


@pytest.fixture
async def run(open_page, herd, serving):
    """Runs JavaScript in a page of the map; it may import the page's modules."""
    async with serving(herd()) as url:
        page = await open_page(url)
        yield page.evaluate


DECODE = """async (hex) => {
    const { decodeFrame, idOf, ageMsOf, healthOf, magicOf, headingOf } =
        await import("/page/feed/frame.js");
    const bytes = Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
    try {
        const { kind, count, sequence, timeMs, who, how, longitude, latitude } =
            decodeFrame(bytes.buffer);
        const each = (words, read) => Array.from(words, read);
        return { kind, count, sequence, timeMs, id: each(who, idOf), age: each(who, ageMsOf),
                 longitude: Array.from(longitude), latitude: Array.from(latitude),
                 health: each(how, healthOf), magic: each(how, magicOf),
                 heading: each(how, (word) => String(headingOf(word))) };
    } catch (error) { return error.message; }
}"""


async def test_a_frame_is_read(run) -> None:
    message = frame(
        1, 1_767_225_600_000, (0, 248, -73.985184, 40.749167, 150, -3, 60),
        (0xFFFFF, 32_760, 180, -90, -2048, 2047, 255),
    )  # fmt: skip
    assert await run(DECODE, message.hex()) == {
        "kind": 1,
        "count": 2,
        "sequence": 7,
        "timeMs": 1_767_225_600_000,
        "id": [0, 0xFFFFF],
        "age": [248, 32_760],
        "longitude": [-739_851_840, 1_800_000_000],
        "latitude": [407_491_670, -900_000_000],
        "health": [150, -2048],
        "magic": [-3, 2047],
        "heading": ["0.25", "NaN"],
    }


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"", "not a frame"),
        (frame(1, 0)[:23], "not a frame"),
        (b"XNIC" + frame(1, 0)[4:], "not a frame"),
        (frame(1, 0)[:4] + b"\x03" + frame(1, 0)[5:], "not a frame"),
        (frame(9, 0), "wrong length"),
        (frame(1, 0, (0, 0, 0, 0, 0, 0, 0))[:-1], "wrong length"),
    ],
    ids=["empty", "short", "magic", "version", "kind", "cut"],
)
async def test_what_is_no_frame_is_refused(run, message: bytes, complaint: str) -> None:
    assert complaint in await run(DECODE, message.hex() or "ff"[:0] or "00")


async def test_motion_is_interpolated_and_never_extrapolated(run) -> None:
    places = await run(
        """async () => {
            const { Fleet, HEADINGS, WORLD, mercator } = await import("/page/feed/fleet.js");
            const fleet = new Fleet();
            const fix = (longitude, latitude, time) =>
                fleet.addFix(0, ...mercator(longitude, latitude), time);
            fleet.learn(0, ["Artax"]);
            // East, a degree a second; then nothing for ten seconds; then north.
            fix(10, 0, 1000);
            fix(11, 0, 2000);
            fix(12, 0, 3000);
            fix(12, 1, 13000);
            return [0, 1000, 1500, 2250, 3000, 8000, 13000, 99000].map((time) => {
                const [x, y] = fleet.locate(0, time);
                return [(x / WORLD - 0.5) * 360, y < WORLD / 2, fleet.heading[0] / HEADINGS];
            });
        }"""
    )
    longitudes = [longitude for longitude, _, _ in places]
    assert longitudes == pytest.approx([10, 10, 10.5, 11.25, 12, 12, 12, 12], abs=1e-6)
    assert [is_north for _, is_north, _ in places] == [False] * 6 + [True] * 2
    east, north = 0.25, 0.0
    assert [heading for *_, heading in places] == pytest.approx([east] * 4 + [north] * 4)


async def test_positions_are_exact_to_a_few_centimetres(run) -> None:
    there_and_back = await run(
        """async () => {
            const { degrees, mercator } = await import("/page/feed/fleet.js");
            return [[-73.985184, 40.749167], [0, 0], [-179.9999, -84.9], [179.9999, 84.9]]
                .map(([longitude, latitude]) => degrees(...mercator(longitude, latitude)));
        }"""
    )
    expected = [[40.749167, -73.985184], [0, 0], [-84.9, -179.9999], [84.9, 179.9999]]
    for place, (latitude, longitude) in zip(there_and_back, expected, strict=True):
        assert place == pytest.approx([latitude, longitude], abs=3e-7)
        assert math.isfinite(sum(place))


async def test_who_is_silent_or_not_in_a_full_picture_is_gone(run) -> None:
    pictures = [
        frame(0, 100_000, (0, 0, 1, 1, 1, 1, 255), (1, 4_000, 1, 1, 1, 1, 255)),
        frame(0, 132_000, (2, 0, 1, 1, 1, 1, 255), (1, 0, 1, 1, 1, 1, 255)),
    ]
    present = await run(
        """async (pictures) => {
            const { Fleet } = await import("/page/feed/fleet.js");
            const { decodeFrame } = await import("/page/feed/frame.js");
            const bytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
            const [first, second] = pictures.map((hex) => decodeFrame(bytes(hex).buffer));
            const fleet = new Fleet();
            const present = () => Array.from(fleet.list.subarray(0, fleet.size)).sort();
            fleet.learn(0, ["Artax", "Binky", "Comet"]);
            fleet.take(first);
            const seen = [present()];
            for (const now of [125999, 127000, 131000]) {
                fleet.dropSilentSince(now - 30000);
                seen.push(present());
            }
            fleet.take(first);
            fleet.take(second);
            seen.push(present());
            return seen;
        }""",
        [picture.hex() for picture in pictures],
    )
    assert present == [[0, 1], [0, 1], [0], [], [1, 2]]


async def test_the_names_are_in_order_and_found(run) -> None:
    order, folded = await run(
        """async () => {
            const { Names, fold } = await import("/page/feed/names.js");
            const names = new Names();
            names.learn(0, ["Unicorn 10", "émile", "Zoë"]);
            names.settle();
            names.learn(3, ["Unicorn 9", "Fred", "unicorn 9"]);
            names.settle();
            const ranks = Array.from(names.rank, (rank) => names.ordered[rank]);
            if (String(ranks) !== "0,1,2,3,4,5") throw new Error(ranks);
            return [Array.from(names.ordered, (id) => names.texts[id]), fold("ÉMILE 7")];
        }"""
    )
    assert order == ["émile", "Fred", "Unicorn 9", "unicorn 9", "Unicorn 10", "Zoë"]
    assert folded == "emile 7"


async def test_a_session_is_renewed_by_the_servers_clock(run) -> None:
    delays = await run(
        """async () => {
            const { Session } = await import("/page/feed/session.js");
            const delays = [];
            globalThis.setTimeout = (_, delayMs) => delays.push(delayMs);
            const answer = { expires_ms: 1767226200000, expires_in_s: 600 };
            globalThis.fetch = async () => new Response(JSON.stringify(answer));
            const real = Date.now;
            for (const hours of [-10, 0, 10]) {
                Date.now = () => real() + hours * 3_600_000;
                const session = new Session();
                session.mode = "token";
                await session.signIn("secret");
            }
            return delays;
        }"""
    )
    assert delays == [540_000] * 3, "a minute before it expires"
