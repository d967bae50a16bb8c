"""AWS clients, made once per process and closed together.

Making an aiobotocore client parses service models for tens of milliseconds and opens a connection
pool: never one per call.
"""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore import UNSIGNED
from botocore.exceptions import InvalidRegionError, NoRegionError, ProfileNotFound
from botocore.loaders import Loader, create_loader

from fleet.errors import ConfigError
from fleet.settings import AwsSettings, has_credentials

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_s3 import S3Client

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
CONNECTIONS_MAX = 512
"""A subscription to a shard holds one as long as it lasts."""
FUNCTION_TIMEOUT_S = 910
"""A Lambda function may take 15 minutes, and what is given up before goes on all the same."""


def seconds(value: str | float) -> float:
    """A time on the wire as seconds since 1970: numbers as JSON services have them, ISO 8601 as S3
    writes it in a body, or the form of an HTTP header.
    """
    if not isinstance(value, str):
        return float(value)
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return parsedate_to_datetime(value).timestamp()


@cache
def _service_models(data_path: str | None) -> Loader:
    """What botocore knows of the services. Each session would parse it anew, for a tenth of a
    second, and a process has several: one for every part that closes its clients itself.
    """
    return create_loader(data_path)


class AwsClients:
    """`async with AwsClients(settings) as aws: await (await aws.kinesis()).list_streams()`.

    botocore's own retries are off: awsio/retry.py is the one place that tries again, so that
    waiting shows in the status and ends when the program is told to stop.
    """

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        self._session = AioSession(profile=settings.profile)
        # botocore parses each record's timestamp with dateutil, 13 of its 19 us per record; a float
        # is all we need.
        parsers = self._session.get_component("response_parser_factory")
        parsers.set_parser_defaults(timestamp_parser=seconds)
        self._clients: dict[str, Any] = {}
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._clients.clear()
        await self._stack.aclose()

    async def kinesis(self) -> "KinesisClient":
        """The Kinesis client."""
        return cast("KinesisClient", await self._client("kinesis"))

    async def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client."""
        return cast("DynamoDBClient", await self._client("dynamodb"))

    async def s3(self) -> "S3Client":
        """The S3 client; path-style on a local endpoint, where bucket names are not host names."""
        return cast("S3Client", await self._client("s3"))

    async def firehose(self) -> Any:
        """The Firehose client."""
        return await self._client("firehose")

    async def functions(self) -> Any:
        """The Lambda client."""
        return await self._client("lambda")

    async def cognito_identity(self) -> Any:
        """The Cognito Identity client. Its calls need no credentials: whoever knows a pool's id may
        ask.
        """
        return await self._client("cognito-identity")

    async def athena(self) -> Any:
        """The Athena client."""
        return await self._client("athena")

    async def sagemaker(self) -> Any:
        """The SageMaker client."""
        return await self._client("sagemaker")

    async def sagemaker_runtime(self) -> Any:
        """The client of SageMaker's endpoints."""
        return await self._client("sagemaker-runtime")

    async def _client(self, service: str) -> Any:
        async with self._lock:
            if service not in self._clients:
                self._clients[service] = await self._open(service)
            return self._clients[service]

    async def _open(self, service: str) -> Any:
        try:
            # botocore finds out what is wrong with its settings only when the client is entered.
            return await self._stack.enter_async_context(self._create(service))
        except ProfileNotFound as error:
            raise ConfigError(str(error), remedy="check AWS_PROFILE and ~/.aws/config") from None
        except NoRegionError:
            raise ConfigError("no AWS region", remedy="give --region or set AWS_REGION") from None
        except InvalidRegionError as error:
            raise ConfigError(str(error), remedy="check --region and AWS_REGION") from None
        except ValueError as error:
            if self._settings.endpoint_url is None:
                raise
            raise ConfigError(
                str(error), remedy="an endpoint URL looks like http://127.0.0.1:4566"
            ) from None

    def _create(self, service: str) -> Any:
        settings = self._settings
        keys: dict[str, str] = {}
        unsigned = {"signature_version": UNSIGNED} if service == "cognito-identity" else {}
        if settings.is_loopback and not settings.profile and not has_credentials():
            keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        models = _service_models(self._session.get_config_variable("data_path"))
        self._session.register_component("data_loader", models)
        return self._session.create_client(
            service,  # type: ignore[call-overload]
            region_name=settings.region,
            endpoint_url=settings.endpoint_url,
            config=AioConfig(
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=FUNCTION_TIMEOUT_S if service == "lambda" else READ_TIMEOUT_S,
                max_pool_connections=CONNECTIONS_MAX,
                retries={"total_max_attempts": 1},
                **unsigned,
                s3={"addressing_style": "path"} if settings.is_loopback else {},
            ),
            **keys,
        )
