"""Those who were let in are asked about again: in turn, and only so many at a time."""

import json
from collections.abc import AsyncIterator, Collection

import aiohttp
import pytest
from aiohttp import web

from awsio.clients import AwsClients
from fleet.clock import ManualClock, SystemClock
from fleet.settings import AwsSettings
from sinks.live_map import LiveMap
from sinks.live_map.access import review as review_module
from sinks.live_map.access.cognito import CognitoDoor
from sinks.live_map.access.door import Admission, TokenDoor
from sinks.live_map.access.gate import Gate
from sinks.live_map.access.review import Review
from sinks.live_map.access.sessions import Session
from tests.sinks.live_map.serving import serving

POOL = "us-east-1:12345678-abcd-1234-abcd-123456789012"
NOW_MS = 1_767_225_600_000
SOON_MS = NOW_MS + 600_000


class Cognito:
    """Cognito's GetOpenIdToken as AWS answers it, over HTTP."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        """An error's code by identity; without one there is a token."""
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        assert request.headers["X-Amz-Target"].endswith(".GetOpenIdToken")
        assert "Authorization" not in request.headers
        identity = json.loads(await request.read())["IdentityId"]
        self.asked.append(identity)
        code = self.answers.get(identity)
        if code is None:
            return web.json_response({"IdentityId": identity, "Token": "t"})
        return web.json_response({"__type": code}, status=500 if code == "InternalError" else 400)


class NameWitness:
    """Takes a token for the name of an identity: what signatures are worth is tested apart."""

    async def vouch(self, pool_id: str, identity_id: str, token: str) -> Admission:
        return Admission(SOON_MS, token)


@pytest.fixture
async def cognito() -> Cognito:
    return Cognito()


@pytest.fixture
async def door(cognito: Cognito) -> AsyncIterator[CognitoDoor]:
    app = web.Application()
    app.router.add_post("/", cognito.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [port] = [address[1] for address in runner.addresses]
    async with AwsClients(AwsSettings(f"http://127.0.0.1:{port}", "us-east-1")) as aws:
        yield CognitoDoor(await aws.cognito_identity(), POOL, NameWitness(), asks_first=False)
    await runner.cleanup()


async def test_only_a_no_is_a_no(cognito: Cognito, door: CognitoDoor) -> None:
    cognito.answers = {
        "deleted": "ResourceNotFoundException",
        "no guest": "NotAuthorizedException",
        "throttled": "TooManyRequestsException",
        "broken": "InternalError",
    }
    asked = {*cognito.answers, "good"}
    assert await door.turned_out(asked) == {"deleted", "no guest"}
    assert sorted(cognito.asked) == sorted(asked), "each once"


async def test_an_identity_that_is_deleted_while_one_looks(
    cognito: Cognito, door: CognitoDoor
) -> None:
    gate = Gate(door, ManualClock(NOW_MS))
    async with (
        serving(LiveMap(ManualClock(NOW_MS), 20, gate=gate)) as url,
        aiohttp.ClientSession(url) as client,
    ):
        artax, binky = ({"Authorization": f"Bearer {name}"} for name in ("artax", "binky"))
        async with (
            client.ws_connect("/feed?version=2", headers=artax) as out,
            client.ws_connect("/feed?version=2", headers=binky) as stays,
        ):
            cognito.answers["artax"] = "ResourceNotFoundException"
            await gate.turn_out()
            while (message := await out.receive(timeout=60)).type != aiohttp.WSMsgType.CLOSE:
                assert message.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}
            assert message.data == 4401
            assert not stays.closed
            async with client.get("/unicorns/X/rows", headers=artax) as answer:
                assert answer.status == 401
            async with client.get("/unicorns/X/rows", headers=binky) as answer:
                assert answer.status == 200


class Withdrawing(TokenDoor):
    """Remembers who was asked about, and turns some out."""

    def __init__(self, *out: str) -> None:
        super().__init__(lambda: "", SystemClock())
        self.out = out
        self.asked: list[list[str]] = []

    async def turned_out(self, identities: Collection[str]) -> Collection[str]:
        self.asked.append(sorted(identities))
        return self.out


def noted(review: Review, *names: str, until_ms: int = SOON_MS) -> None:
    for name in names:
        review.note(Session(f"of {name}", until_ms), Admission(until_ms, name))


async def test_all_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_module, "ASKED_MAX", 2)
    door = Withdrawing("c")
    review = Review(door, ManualClock(NOW_MS))
    noted(review, *"abcde")
    out = [[session.id for session in await review.turned_out()] for _ in range(4)]
    assert door.asked == [["a", "b"], ["c", "d"], ["a", "e"], ["b", "c"]]
    assert out == [[], ["of c"], [], ["of c"]]


async def test_nobody_is_asked_about_for_nothing() -> None:
    door, clock = Withdrawing(), ManualClock(NOW_MS)
    review = Review(door, clock)
    noted(review, "expired", until_ms=NOW_MS + 1)
    noted(review, "gone")
    review.forget("of gone")
    review.note(Session("of nobody", SOON_MS), Admission(SOON_MS))
    clock.advance(1)
    assert await review.turned_out() == []
    assert door.asked == []


async def test_who_signs_in_again_meanwhile_stays() -> None:
    class Slow(Withdrawing):
        async def turned_out(self, identities: Collection[str]) -> Collection[str]:
            review.note(Session("of a", SOON_MS), Admission(SOON_MS, "another"))
            return ["a"]

    review = Review(Slow(), ManualClock(NOW_MS))
    noted(review, "a")
    assert await review.turned_out() == []
