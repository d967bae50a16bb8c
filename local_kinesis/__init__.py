"""An embedded Kinesis endpoint: laptops, tests, load runs."""

from local_kinesis.endpoint import LocalEndpoint

__all__ = ["LocalEndpoint"]
