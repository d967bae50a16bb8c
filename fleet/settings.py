"""How to reach AWS, or what stands for it. The only file that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LOCAL_ENDPOINT: Final = "http://127.0.0.1:4566"
DEFAULT_REGION: Final = "us-east-1"


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
