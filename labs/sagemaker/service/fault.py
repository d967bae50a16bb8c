"""What the service refuses, in AWS's codes and words."""

from fleet.errors import ConfigError


class ServiceFault(ConfigError):
    """`code` is what clients tell faults apart by; `status` that of the HTTP answer."""

    code = "ValidationException"
    status = 400


class Invalid(ServiceFault):
    """The request is not one that can be done."""


class InUse(ServiceFault):
    """There is something of this name already."""

    code = "ResourceInUse"


class NotFound(ServiceFault):
    """There is nothing of this name."""

    code = "ResourceNotFound"


class UnknownOperation(ServiceFault):
    """An operation that SageMaker has, or has not, and that is not here."""

    code = "UnknownOperationException"
