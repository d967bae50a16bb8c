"""The errors the service answers with: each is one `__type` of the wire, never a fault of ours.

    ServiceError                                 400 unless said; `kind` is the wire's `__type`
    |-- InvalidRequest                           the operation does not go with the stream
    |   `-- ValidationError                      a member breaks a constraint of the model
    |-- SerializationError                       the body is not what the model says it is
    |-- InvalidArgument                          the model allows it, the service does not
    |   `-- NotOffered                           the service allows it, this endpoint does not
    |-- ResourceNotFound                         no such stream or shard
    |-- ResourceInUse                            the stream exists, or is not ready
    |-- LimitExceeded                            more than an account or a stream may have
    |-- ThroughputExceeded                       more than a shard takes or gives in a second
    |-- ExpiredIterator, ExpiredNextToken        older than five minutes
    |-- InternalFailure, ServiceUnavailable      500 and 503: trouble on this side
    `-- UnknownOperation                         not an operation, or not one of ours yet

Source of the names: the service's model as botocore ships it; SerializationException and
UnknownOperationException are in no model, every AWS JSON service answers with them.
"""

from typing import ClassVar


class ServiceError(Exception):
    """A request that is answered with an error. `str(error)` is the message the client sees."""

    kind: ClassVar[str]
    status: ClassVar[int] = 400
    message_member: ClassVar[str] = "message"


class InvalidRequest(ServiceError):
    """The operation does not go with what it is asked of."""

    kind = "ValidationException"


class ValidationError(InvalidRequest):
    """One or more members break a constraint of the model."""

    def __init__(self, violations: list[str]) -> None:
        noun = "error" if len(violations) == 1 else "errors"
        super().__init__(f"{len(violations)} validation {noun} detected: {'; '.join(violations)}")


class SerializationError(ServiceError):
    """The body is not JSON, or a member has the wrong type."""

    kind = "SerializationException"
    message_member = "Message"


class InvalidArgument(ServiceError):
    """An argument, or the way arguments are put together, is refused."""

    kind = "InvalidArgumentException"


class NotOffered(InvalidArgument):
    """A member whose effect is not offered here: to pass over it would be to do something else."""

    def __init__(self, member: str) -> None:
        super().__init__(f"{member} is not supported by the local endpoint.")


class ResourceNotFound(ServiceError):
    """The stream or shard does not exist."""

    kind = "ResourceNotFoundException"


class ResourceInUse(ServiceError):
    """The stream is in the way of the request."""

    kind = "ResourceInUseException"


class LimitExceeded(ServiceError):
    """The account has no room for what is asked."""

    kind = "LimitExceededException"


class ThroughputExceeded(ServiceError):
    """The shard is asked for more than it has a second."""

    kind = "ProvisionedThroughputExceededException"


class ExpiredIterator(ServiceError):
    """The shard iterator is older than five minutes."""

    kind = "ExpiredIteratorException"


class ExpiredNextToken(ServiceError):
    """The pagination token is older than five minutes."""

    kind = "ExpiredNextTokenException"


class InternalFailure(ServiceError):
    """The service failed, through no fault of the request."""

    kind = "InternalFailure"
    status = 500


class ServiceUnavailable(ServiceError):
    """The service cannot answer for now."""

    kind = "ServiceUnavailable"
    status = 503


class UnknownOperation(ServiceError):
    """The operation does not exist, or is not served here."""

    kind = "UnknownOperationException"
