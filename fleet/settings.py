"""How to reach AWS, or what stands for it, and what time it is there. The only file that knows the
environment.
"""

import os
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Final

from fleet.clock import Clock, ScaledClock, SystemClock
from fleet.errors import ConfigError

LOCAL_ENDPOINT: Final = "http://127.0.0.1:4566"
DEFAULT_REGION: Final = "us-east-1"
CLOCK: Final = "WILDRYDES_CLOCK"
"""`60@1767225600000`: a clock 60 times as fast since that millisecond. Whoever works against an
endpoint with a scaled clock has it too.
"""
MAP_TOKEN: Final = "WILDRYDES_MAP_TOKEN"
"""The token that opens the live map with `--auth token`."""
TIME_SCALE_MIN: Final = 0.001
TIME_SCALE_MAX: Final = 3600.0


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """Where AWS calls go. None leaves the choice to botocore: environment, profile, instance role,
    as boto3 does.
    """

    endpoint_url: str | None = None
    region: str | None = None
    profile: str | None = None

    @property
    def is_loopback(self) -> bool:
        """Whether the endpoint is on this machine, so that dummy credentials are right when there
        are none.
        """
        url = self.endpoint_url or ""
        return url.startswith(("http://127.", "http://localhost", "http://[::1]"))


def aws_settings(
    endpoint_url: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> AwsSettings:
    """Flags first, then AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION and AWS_PROFILE.

    A profile's own region is botocore's business: `region` stays None when there is a profile and
    no flag.
    """
    profile = profile or environment.get("AWS_PROFILE")
    region = region or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    return AwsSettings(
        endpoint_url=endpoint_url or environment.get("AWS_ENDPOINT_URL") or None,
        region=region or (None if profile else DEFAULT_REGION),
        profile=profile,
    )


def has_credentials(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names any credentials, so that dummy ones must not replace them."""
    return any(
        environment.get(name)
        for name in (
            "AWS_ACCESS_KEY_ID",
            "AWS_PROFILE",
            "AWS_ROLE_ARN",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        )
    )


def map_token(environment: Mapping[str, str] = os.environ) -> str | None:
    """The live map's token, when the environment has one."""
    return environment.get(MAP_TOKEN) or None


def process_clock(environment: Mapping[str, str] = os.environ) -> Clock:
    """The clock of this process: the machine's, or the one that WILDRYDES_CLOCK describes. Raises
    ConfigError when it describes none.
    """
    text = environment.get(CLOCK)
    if not text:
        return SystemClock()
    match = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,6})?)@([0-9]{1,15})", text)
    if match is None or not TIME_SCALE_MIN <= float(match[1]) <= TIME_SCALE_MAX:
        raise ConfigError(
            f"{CLOCK}={text!r} describes no clock",
            remedy=f"unset {CLOCK}, or take the line that `wildrydes local --time-scale` prints",
        )
    return ScaledClock(float(match[1]), int(match[2]))


def clock_text(clock: ScaledClock) -> str:
    """What WILDRYDES_CLOCK is for processes that are to have the same clock."""
    return f"{clock.scale:.6f}".rstrip("0").rstrip(".") + f"@{clock.origin_ms}"


def pass_clock_on(clock: Clock, environment: MutableMapping[str, str] = os.environ) -> None:
    """Gives the processes that this one starts the same clock."""
    if isinstance(clock, ScaledClock):
        environment[CLOCK] = clock_text(clock)
