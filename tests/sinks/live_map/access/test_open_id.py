"""Tokens of a pool, signed with our own keys, which a server of ours publishes as Cognito does."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sinks.live_map.access.cognito import CognitoDoor, SignatureWitness
from sinks.live_map.access.door import Refused
from sinks.live_map.access.open_id import ISSUER, KeysUnavailable, OpenIdVerifier, TokenRefused

POOL = "us-east-1:12345678-abcd-1234-abcd-123456789012"
OTHER_POOL = "us-east-1:87654321-abcd-1234-abcd-123456789012"
IDENTITY = "us-east-1:aaaaaaaa-abcd-1234-abcd-123456789012"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def claims(**changed: Any) -> dict[str, Any]:
    """What GetOpenIdToken's tokens say (Cognito developer guide)."""
    now = int(time.time())
    return {
        "sub": IDENTITY,
        "aud": POOL,
        "amr": ["unauthenticated"],
        "iss": ISSUER,
        "exp": now + 600,
        "iat": now,
    } | changed


def token(key: Any = KEY, algorithm: str = "RS512", kid: str = "one", **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm, headers={"kid": kid, "typ": "JWS"})


def without(name: str) -> str:
    body = claims()
    del body[name]
    return jwt.encode(body, KEY, "RS512", headers={"kid": "one"})


def unsigned() -> str:
    return jwt.encode(claims(), None, "none", headers={"kid": "one"})


def by_hand(header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """What no honest library makes."""
    parts = [_base64(json.dumps(part).encode()) for part in (header, claims())]
    signed = ".".join(parts).encode()
    return f"{signed.decode()}.{_base64(sign(signed))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_the_public_key_as_secret(algorithm: str, digest: str) -> str:
    return by_hand(
        {"alg": algorithm, "kid": "one"}, lambda text: hmac.digest(PUBLIC_PEM, text, digest)
    )


def with_its_own_key() -> str:
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGERS_KEY.public_key()))
    return jwt.encode(claims(), STRANGERS_KEY, "RS512", headers={"kid": "one", "jwk": jwk})


def tampered() -> str:
    head, body, signature = token().split(".")
    changed = _base64(base64.urlsafe_b64decode(body + "==").replace(b"unauthenticated", b"x"))
    return f"{head}.{changed}.{signature}"


@dataclass
class Publisher:
    """Publishes keys, counts who asks, and can be down."""

    server: TestServer
    asked: int = 0
    is_down: bool = False
    keys: dict[str, Any] = field(default_factory=lambda: {"one": KEY})

    async def publish(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.is_down:
            raise web.HTTPServiceUnavailable
        keys = []
        for kid, key in self.keys.items():
            jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
            keys.append(jwk | {"kid": kid, "alg": "RS512", "use": "sig"})
        symmetric = {"kty": "oct", "kid": "oct", "k": _base64(b"secret" * 8)}
        return web.json_response({"keys": [*keys, symmetric]})

    def verifier(self) -> OpenIdVerifier:
        return OpenIdVerifier(jwks_url=str(self.server.make_url("/.well-known/jwks_uri")))


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    app = web.Application()
    published = Publisher(TestServer(app))
    app.router.add_get("/.well-known/jwks_uri", published.publish)
    async with published.server:
        yield published


async def test_the_pools_token_is_accepted(publisher: Publisher) -> None:
    """The control."""
    verifier = publisher.verifier()
    for algorithm in ("RS512", "RS256"):
        found = await verifier.verify(token(algorithm=algorithm), audience=POOL)
        assert found["sub"] == IDENTITY
    assert publisher.asked == 1


REFUSED: dict[str, Callable[[], str]] = {
    "another key": lambda: token(STRANGERS_KEY),
    "another pool": lambda: token(aud=OTHER_POOL),
    "pools, ours not among them": lambda: token(aud=[OTHER_POOL]),
    "another issuer": lambda: token(iss="https://cognito-identity.example"),
    "another user pool's issuer": lambda: token(
        iss="https://cognito-idp.us-east-1.amazonaws.com/x"
    ),
    "expired": lambda: token(exp=int(time.time()) - 60),
    "issued in the future": lambda: token(iat=int(time.time()) + 600),
    "not good yet": lambda: token(nbf=int(time.time()) + 600),
    "no signature": unsigned,
    "alg none with a signature": lambda: by_hand({"alg": "none", "kid": "one"}, lambda _: b"x"),
    "alg None": lambda: by_hand({"alg": "None", "kid": "one"}, lambda _: b""),
    "HS256 with the public key": lambda: with_the_public_key_as_secret("HS256", "sha256"),
    "HS512 with the public key": lambda: with_the_public_key_as_secret("HS512", "sha512"),
    "HS256 with a published secret": lambda: token(b"secret" * 8, "HS256", kid="oct"),
    "a key of its own": with_its_own_key,
    "ES256": lambda: token(ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "a key that is not published": lambda: token(STRANGERS_KEY, kid="two"),
    "tampered": tampered,
    "no expiry": lambda: without("exp"),
    "no audience": lambda: without("aud"),
    "no issuer": lambda: without("iss"),
    "no subject": lambda: without("sub"),
    "an expiry that is text": lambda: token(exp="never"),
    "nothing": lambda: "",
    "not a token": lambda: "us-east-1:12345678-abcd-1234-abcd-123456789012",
    "dots": lambda: "..",
    "a critical header": lambda: jwt.encode(
        claims(), KEY, "RS512", headers={"kid": "one", "crit": ["b64"], "b64": False}
    ),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
async def test_any_other_token(publisher: Publisher, make: Callable[[], str]) -> None:
    with pytest.raises(TokenRefused):
        await publisher.verifier().verify(make(), audience=POOL)


async def test_keys_that_change_are_fetched_and_made_up_ones_are_not(
    publisher: Publisher,
) -> None:
    verifier = publisher.verifier()
    await verifier.verify(token(), audience=POOL)
    for number in range(20):
        with pytest.raises(TokenRefused):
            await verifier.verify(token(kid=str(number)), audience=POOL)
    assert publisher.asked == 1, "no request for each made-up key"
    publisher.keys["two"] = STRANGERS_KEY
    verifier._fetched_s -= 61
    await verifier.verify(token(STRANGERS_KEY, kid="two"), audience=POOL)
    assert publisher.asked == 2


async def test_keys_that_cannot_be_had_let_nobody_in(publisher: Publisher) -> None:
    publisher.is_down = True
    with pytest.raises(KeysUnavailable):
        await publisher.verifier().verify(token(), audience=POOL)
    door = CognitoDoor(None, POOL, SignatureWitness(publisher.verifier()), asks_first=False)
    with pytest.raises(Refused) as refused:
        await door.admit_bearer(token())
    assert (refused.value.status, refused.value.error) == (502, "unavailable")


async def test_a_scripts_token_is_good_until_it_expires(publisher: Publisher) -> None:
    witness = SignatureWitness(publisher.verifier())
    door = CognitoDoor(None, POOL, witness, asks_first=False)
    expires_s = int(time.time()) + 300
    assert (await door.admit_bearer(token(exp=expires_s))).until_ms == expires_s * 1000
    with pytest.raises(Refused) as refused:
        await door.admit_bearer(token(aud=OTHER_POOL))
    assert (refused.value.status, refused.value.error) == (401, "refused")
    with pytest.raises(TokenRefused, match="another identity"):
        await witness.vouch(POOL, "us-east-1:bbbb", token())
