"""The OpenID tokens of a Cognito identity pool: signed by Cognito, for that pool, not expired.

Source: Cognito developer guide, "Open ID Connect token"; RFC 7519; RFC 8725 (best practices: the
algorithms are ours to name, never the token's).
"""

import time
from typing import Any, Final

import aiohttp
import jwt

ISSUER: Final = "https://cognito-identity.amazonaws.com"
JWKS_URL: Final = f"{ISSUER}/.well-known/jwks_uri"
ALGORITHMS: Final = ("RS256", "RS384", "RS512")
"""RSA only: with HS256 among them, anybody could sign with the public key as the secret."""

LEEWAY_S: Final = 30
KEYS_GOOD_S: Final = 3_600.0
REFETCH_S: Final = 60.0
"""Between two looks for a key that is not known: made-up key ids must not become requests."""
FETCH_TIMEOUT_S: Final = 5.0
KEYS_BYTES_MAX: Final = 256 * 1024


class TokenRefused(Exception):
    """Not a valid token of the pool; the text says why, for the log rather than the viewer."""


class KeysUnavailable(Exception):
    """The signer's keys cannot be had just now."""


class OpenIdVerifier:
    """Checks tokens against the keys that the issuer publishes."""

    def __init__(self, issuer: str = ISSUER, jwks_url: str = JWKS_URL) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_s = float("-inf")

    async def verify(self, token: str, *, audience: str) -> dict[str, Any]:
        """The claims of a token for `audience`. Raises TokenRefused or KeysUnavailable."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=list(ALGORITHMS),
                audience=audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "iss", "sub"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise TokenRefused(str(error)) from error
        return claims

    async def _key(self, key_id: str) -> jwt.PyJWK:
        since_s = time.monotonic() - self._fetched_s
        if since_s > KEYS_GOOD_S or (key_id not in self._keys and since_s > REFETCH_S):
            await self._fetch()
        if key_id not in self._keys:
            raise TokenRefused("signed with a key that the issuer does not publish")
        return self._keys[key_id]

    async def _fetch(self) -> None:
        timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.get(self._jwks_url, allow_redirects=False) as answer,
            ):
                answer.raise_for_status()
                body = await answer.content.read(KEYS_BYTES_MAX)
            keys = jwt.PyJWKSet.from_json(body.decode()).keys
        except (aiohttp.ClientError, TimeoutError, jwt.PyJWTError, ValueError) as error:
            raise KeysUnavailable(f"{self._jwks_url}: {error}") from error
        self._keys = {key.key_id: key for key in keys if key.key_id and key.key_type == "RSA"}
        self._fetched_s = time.monotonic()
