"""The identity pool's door, at a real endpoint with opaque tokens, for a real client's pools."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from fleet.clock import ManualClock
from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from sinks.live_map import LiveMap
from sinks.live_map.access.cognito import LOCAL_POOL, is_aws
from sinks.live_map.access.gate import Gate
from sinks.live_map.access.settings import AccessSettings, open_gate
from tests.sinks.live_map.serving import serving

NOBODYS = "us-east-1:12345678-abcd-1234-abcd-123456789012"


@pytest.fixture
def cognito(moto_url: str, reader: Callable[[str, str], Any]) -> Any:
    return reader("cognito-identity", moto_url)


def make_pool(cognito: Any, name: str, *, guests: bool = True) -> str:
    pool = cognito.create_identity_pool(
        IdentityPoolName=name, AllowUnauthenticatedIdentities=guests
    )
    return pool["IdentityPoolId"]


@asynccontextmanager
async def map_of(pool_id: str | None, url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with gated_map_of(pool_id, url) as (_, client):
        yield client


@asynccontextmanager
async def gated_map_of(
    pool_id: str | None, url: str
) -> AsyncIterator[tuple[Gate, aiohttp.ClientSession]]:
    settings = AccessSettings(mode="cognito", identity_pool_id=pool_id)
    jar = aiohttp.CookieJar(unsafe=True)
    async with open_gate(settings, AwsSettings(url, "us-east-1"), "127.0.0.1") as gate:
        await gate.door.prepare()
        async with (
            serving(LiveMap(ManualClock(), 20, gate=gate)) as site,
            aiohttp.ClientSession(site, cookie_jar=jar) as client,
        ):
            yield gate, client


async def sign_in(client: aiohttp.ClientSession, pool_id: str) -> tuple[int, dict[str, Any]]:
    async with client.post("/auth", json={"identity_pool_id": pool_id}) as answer:
        return answer.status, await answer.json()


async def test_the_pools_id_lets_in(moto_url: str, cognito: Any) -> None:
    pool_id = make_pool(cognito, "map")
    async with map_of(pool_id, moto_url) as client:
        async with client.get("/auth") as answer:
            assert await answer.json() == {
                "mode": "cognito",
                "signed_in": False,
                "expires_ms": None,
                "expires_in_s": None,
            }
        status, body = await sign_in(client, f" {pool_id}\n")
        assert (status, body["signed_in"]) == (200, True)
        assert 0 < body["expires_in_s"] <= 600
        assert "oken" not in str(body), "the browser holds no token of Cognito's, and no AWS keys"
        async with client.get("/unicorns/Artax/rows") as answer:
            assert answer.status == 200
    identities = cognito.list_identities(IdentityPoolId=pool_id, MaxResults=60)["Identities"]
    assert len(identities) == 1


async def test_a_wrong_pool(moto_url: str, cognito: Any) -> None:
    pool_id, other = make_pool(cognito, "map"), make_pool(cognito, "other")
    async with map_of(pool_id, moto_url) as client:
        for wrong in (NOBODYS, other, pool_id.upper().lower()[:-1] + "0123"):
            status, body = await sign_in(client, wrong)
            assert (status, body["error"]) == (401, "wrong_pool"), "and another real one, too"
            assert "does not accept that identity pool id" in body["message"]
        for malformed in ("hello", "us-east-1", ":", "us-east-1:x y", "a" * 5000):
            status, body = await sign_in(client, malformed)
            assert (status, body["error"]) == (400, "malformed")
        async with client.get("/unicorns/Artax/rows") as answer:
            assert answer.status == 401


async def test_a_pool_that_takes_no_guests(moto_url: str, cognito: Any) -> None:
    pool_id = make_pool(cognito, "map", guests=False)
    async with map_of(pool_id, moto_url) as client:
        status, body = await sign_in(client, pool_id)
    assert (status, body["error"]) == (401, "refused")


async def test_a_pool_that_is_gone(moto_url: str, cognito: Any) -> None:
    pool_id = make_pool(cognito, "map")
    async with map_of(pool_id, moto_url) as client:
        cognito.delete_identity_pool(IdentityPoolId=pool_id)
        status, body = await sign_in(client, pool_id)
    assert (status, body["error"]) == (401, "refused")


@pytest.mark.parametrize("way", ["deleted", "no guests any more"])
async def test_a_pool_that_goes_while_one_looks(moto_url: str, cognito: Any, way: str) -> None:
    pool_id = make_pool(cognito, "map")
    async with gated_map_of(pool_id, moto_url) as (gate, client):
        assert (await sign_in(client, pool_id))[0] == 200
        async with client.post("/auth/ticket") as answer:
            ticket = (await answer.json())["ticket"]
        async with client.ws_connect(f"/feed?version=2&ticket={ticket}") as socket:
            await gate.turn_out()
            async with client.get("/unicorns/Artax/rows") as answer:
                assert answer.status == 200, "who may look still may"
            if way == "deleted":
                cognito.delete_identity_pool(IdentityPoolId=pool_id)
            else:
                cognito.update_identity_pool(
                    IdentityPoolId=pool_id,
                    IdentityPoolName="map",
                    AllowUnauthenticatedIdentities=False,
                )
            await gate.turn_out()
            while (message := await socket.receive(timeout=60)).type != aiohttp.WSMsgType.CLOSE:
                assert message.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}
            assert message.data == 4401
        async with client.get("/unicorns/Artax/rows") as answer:
            assert answer.status == 401


async def test_an_opaque_token_by_itself(moto_url: str, cognito: Any) -> None:
    """Nobody can say whose it is, not even the endpoint that made it."""
    pool_id = make_pool(cognito, "map")
    identity = cognito.get_id(IdentityPoolId=pool_id)["IdentityId"]
    token = cognito.get_open_id_token(IdentityId=identity)["Token"]
    async with map_of(pool_id, moto_url) as client:
        for bearer in (token, identity, pool_id):
            headers = {"Authorization": f"Bearer {bearer}"}
            async with client.get("/unicorns/Artax/rows", headers=headers) as answer:
                assert answer.status == 401


async def test_an_endpoint_that_is_down(moto_url: str, cognito: Any) -> None:
    pool_id = make_pool(cognito, "map")
    async with map_of(pool_id, "http://127.0.0.1:9") as client:
        status, body = await sign_in(client, pool_id)
    assert (status, body["error"]) == (502, "unavailable")


async def test_a_local_endpoint_gets_a_pool(moto_url: str, cognito: Any) -> None:
    settings = AccessSettings(mode="cognito")
    said = set()
    for _ in range(2):
        async with open_gate(settings, AwsSettings(moto_url, "us-east-1"), "127.0.0.1") as gate:
            said.add(await gate.door.prepare())
    [one] = said
    pools = cognito.list_identity_pools(MaxResults=60)["IdentityPools"]
    assert [
        f"identity pool {p['IdentityPoolId']}" for p in pools if p["IdentityPoolName"] == LOCAL_POOL
    ] == [one]


def test_on_aws_the_pool_has_to_be_named() -> None:
    with pytest.raises(ConfigError, match="needs --identity-pool-id"):
        AccessSettings(mode="cognito").check("127.0.0.1", AwsSettings())
    with pytest.raises(ConfigError, match="is no identity pool id"):
        AccessSettings(mode="cognito", identity_pool_id="x").check("127.0.0.1", AwsSettings())
    assert is_aws(AwsSettings())
    assert is_aws(AwsSettings("https://cognito-identity.us-east-1.amazonaws.com"))
    assert not is_aws(AwsSettings("http://local:4566"))
    assert not is_aws(AwsSettings("https://amazonaws.com.evil.example"))
