"""The door of a Cognito identity pool: whoever knows the pool's id gets an identity of it.

The server makes the exchange, so the browser never holds a token or AWS keys. On AWS the token's
signature is checked against the keys that Cognito publishes; a local endpoint's tokens are opaque,
so the endpoint itself is asked whether the identity is one of the pool's.
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from aiohttp import ClientError as HttpClientError
from botocore.exceptions import BotoCoreError, ClientError

from awsio.clients import AwsClients
from awsio.retry import error_code, retry
from fleet.clock import Clock
from fleet.errors import FleetError, ResourceMissing
from fleet.settings import AwsSettings
from sinks.live_map.access.door import Admission, Refused, the_one
from sinks.live_map.access.open_id import KeysUnavailable, OpenIdVerifier, TokenRefused

POOL_ID: Final = re.compile(r"[\w-]{1,55}:[0-9a-f-]{1,55}")
"""Source: Cognito Identity API reference, IdentityPoolId, as Amazon makes them."""
OPAQUE_SESSION_MS: Final = 10 * 60_000
"""As long as Cognito's own tokens are good."""
LOCAL_POOL: Final = "wildrydes"
"""The name of the pool that a local endpoint gets, when none was named."""
_ATTEMPTS: Final = 3
_UNHEARD: Final = (BotoCoreError, HttpClientError, TimeoutError)
"""It does not answer, or not in a way that can be read."""
_ASKED_AT_ONCE: Final = 8
_NO: Final = {"NotAuthorizedException", "ResourceNotFoundException"}
"""The pool takes no guests any more; it or the identity was deleted. Source: API reference of
GetOpenIdToken, Errors."""


class Witness(Protocol):
    """Says whether a token of the pool is good."""

    async def vouch(self, pool_id: str, identity_id: str, token: str) -> Admission:
        """Whom it admits, and until when. Raises TokenRefused, KeysUnavailable or a botocore
        error."""
        ...


class SignatureWitness:
    """Trusts the signature alone."""

    def __init__(self, verifier: OpenIdVerifier) -> None:
        self._verifier = verifier

    async def vouch(self, pool_id: str, identity_id: str, token: str) -> Admission:
        claims = await self._verifier.verify(token, audience=pool_id)
        if identity_id and claims["sub"] != identity_id:
            raise TokenRefused("the token is another identity's")
        return Admission(int(claims["exp"]) * 1000, str(claims["sub"]))


class EndpointWitness:
    """Asks an endpoint whose tokens are opaque, whether it knows the pool and the identity."""

    def __init__(self, client: Any, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def vouch(self, pool_id: str, identity_id: str, token: str) -> Admission:
        if not identity_id:
            raise TokenRefused("an opaque token tells nothing by itself")
        identities = await self._client.list_identities(IdentityPoolId=pool_id, MaxResults=60)
        known = {identity["IdentityId"] for identity in identities["Identities"]}
        if identity_id not in known or not token:
            raise TokenRefused("the endpoint does not know the identity")
        return Admission(self._clock.now_ms() + OPAQUE_SESSION_MS, identity_id)


class CognitoDoor:
    """Admits whoever brings the pool's id, or a valid token of the pool."""

    mode = "cognito"

    def __init__(self, client: Any, pool_id: str, witness: Witness, *, asks_first: bool) -> None:
        self._client = client
        self._pool_id = pool_id
        self._witness = witness
        self._asks_first = asks_first
        """Whether the pool itself is asked for guests: an endpoint may give anybody an identity."""

    async def admit(self, credentials: Mapping[str, Any]) -> Admission:
        pool_id = the_one(credentials, "identity_pool_id").strip()
        if POOL_ID.fullmatch(pool_id) is None:
            raise Refused(
                400,
                "malformed",
                "An identity pool id looks like us-east-1:12345678-abcd-1234-abcd-123456789012.",
            )
        if not self._pool_id:
            raise _unavailable()
        if not hmac.compare_digest(pool_id.encode(), self._pool_id.encode()):
            raise Refused(
                401,
                "wrong_pool",
                "This map does not accept that identity pool id. "
                "Check it with whoever runs the map.",
            )
        return await _explained(self._exchange)

    async def admit_bearer(self, token: str) -> Admission:
        return await _explained(lambda: self._witness.vouch(self._pool_id, "", token))

    async def turned_out(self, identities: Collection[str]) -> Collection[str]:
        if self._asks_first:
            return await self._unknown_to_endpoint(identities)
        at_once = asyncio.Semaphore(_ASKED_AT_ONCE)

        async def is_out(identity: str) -> bool:
            async with at_once:
                return await _says_no(self._client.get_open_id_token(IdentityId=identity))

        asked = list(identities)
        answers = await asyncio.gather(*map(is_out, asked))
        return {identity for identity, out in zip(asked, answers, strict=True) if out}

    async def prepare(self) -> str:
        if self._pool_id:
            return ""
        self._pool_id = await _local_pool(self._client)
        return f"identity pool {self._pool_id}"

    def fingerprint(self) -> bytes:
        return b""

    async def _exchange(self) -> Admission:
        if self._asks_first:
            pool = await self._call("describe_identity_pool", IdentityPoolId=self._pool_id)
            if not pool.get("AllowUnauthenticatedIdentities"):
                raise TokenRefused("the pool lets nobody in unauthenticated")
        identity = await self._call("get_id", IdentityPoolId=self._pool_id)
        identity_id = str(identity["IdentityId"])
        answer = await self._call("get_open_id_token", IdentityId=identity_id)
        return await self._witness.vouch(self._pool_id, identity_id, str(answer.get("Token", "")))

    async def _unknown_to_endpoint(self, identities: Collection[str]) -> Collection[str]:
        """An endpoint may give anybody a token, so it is asked what it has: two calls for all."""
        try:
            pool = await self._client.describe_identity_pool(IdentityPoolId=self._pool_id)
            if not pool.get("AllowUnauthenticatedIdentities"):
                return identities
            answer = await self._client.list_identities(IdentityPoolId=self._pool_id, MaxResults=60)
        except ClientError as error:
            return identities if error_code(error) in _NO else ()
        except _UNHEARD:
            return ()
        known = {identity["IdentityId"] for identity in answer["Identities"]}
        # An endpoint that tells them a page at a time has not been heard to the end.
        return () if answer.get("NextToken") else set(identities) - known

    async def _call(self, operation: str, **parameters: str) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = await retry(
            lambda: getattr(self._client, operation)(**parameters),
            "Cognito",
            attempts=_ATTEMPTS,
        )
        return answer


async def cognito_door(
    aws: AwsClients, settings: AwsSettings, pool_id: str, clock: Clock
) -> CognitoDoor:
    """The door of a pool, on AWS or at a local endpoint. There the pool may be "": then it is one
    of the name LOCAL_POOL, which is made if need be."""
    client = await aws.cognito_identity()
    if is_aws(settings):
        return CognitoDoor(client, pool_id, SignatureWitness(OpenIdVerifier()), asks_first=False)
    return CognitoDoor(client, pool_id, EndpointWitness(client, clock), asks_first=True)


async def _says_no(call: Awaitable[object]) -> bool:
    """Whether it is refused for good: a service that does not answer has not said no."""
    try:
        await call
    except ClientError as error:
        return error_code(error) in _NO
    except _UNHEARD:
        return False
    return False


async def _local_pool(client: Any) -> str:
    answer = await retry(lambda: client.list_identity_pools(MaxResults=60), "Cognito")
    for pool in answer["IdentityPools"]:
        if pool["IdentityPoolName"] == LOCAL_POOL:
            return str(pool["IdentityPoolId"])
    made = await retry(
        lambda: client.create_identity_pool(
            IdentityPoolName=LOCAL_POOL, AllowUnauthenticatedIdentities=True
        ),
        "Cognito",
    )
    return str(made["IdentityPoolId"])


def is_aws(settings: AwsSettings) -> bool:
    """Whether calls go to AWS itself."""
    if settings.endpoint_url is None:
        return True
    host = urlsplit(settings.endpoint_url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


async def _explained(exchange: Callable[[], Awaitable[Admission]]) -> Admission:
    """What comes out of it, or Refused with a sentence that may be shown."""
    try:
        return await exchange()
    except TokenRefused as error:
        raise Refused(
            401, "refused", "The identity pool does not let you in: its token was not accepted."
        ) from error
    except ResourceMissing as error:
        raise _no_guests() from error
    except ClientError as error:
        if error_code(error) == "NotAuthorizedException":
            raise _no_guests() from error
        raise _unavailable() from error
    except (FleetError, BotoCoreError, KeysUnavailable) as error:
        raise _unavailable() from error


def _no_guests() -> Refused:
    return Refused(
        401,
        "refused",
        "The identity pool does not let you in: it is gone, or takes no guests. "
        "Tell whoever runs the map.",
    )


def _unavailable() -> Refused:
    return Refused(502, "unavailable", "Cognito does not answer just now. Try again in a moment.")
