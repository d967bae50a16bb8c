"""An embedded Kinesis endpoint: laptops, tests, load runs."""

from local_kinesis.endpoint import LocalEndpoint
from local_kinesis.faults.fault import Fault
from local_kinesis.faults.faults import Faults
from local_kinesis.throughput import AWS_LIMITS

__all__ = ["AWS_LIMITS", "Fault", "Faults", "LocalEndpoint"]
