"""Every operation and member of the service, as botocore knows them, is served or refused by
name.
"""

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape
from msgspec import inspect

from local_kinesis.operations.registry import NOT_OFFERED, OPERATIONS

MODEL = ServiceModel(Loader().load_service_model("kinesis", "service-2"))
RESERVED = {"StreamId"}
"""Members of which the model says that they are not implemented."""
NEEDED_HERE = {"PartitionKey"}
"""Members that may be left out only of requests to streams that do not exist here, those whose
RecordDistributionStrategy is AUTO.
"""


def test_every_operation_is_served_or_refused_by_name() -> None:
    assert set(OPERATIONS) | NOT_OFFERED == set(MODEL.operation_names)
    assert not set(OPERATIONS) & NOT_OFFERED


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_request_has_the_members_of_the_model(name: str) -> None:
    shape: Any = MODEL.operation_model(name).input_shape
    compare(shape, inspect.type_info(OPERATIONS[name].request), name)


def compare(shape: StructureShape | None, declared: Any, path: str) -> None:
    fields = {field.encode_name: field for field in declared.fields}
    members = dict(shape.members) if shape is not None else {}
    assert set(fields) == set(members) - RESERVED, path
    required = set(shape.required_members) if shape is not None else set()
    for member, field in fields.items():
        assert field.required == (member in required | NEEDED_HERE), f"{path}.{member}"
        compare_constraints(members[member], without_null(field.type), f"{path}.{member}")


def compare_constraints(shape: Any, declared: Any, path: str) -> None:
    limits = shape.metadata
    match declared:
        case inspect.StructType():
            compare(shape, declared, path)
        case inspect.ListType(item_type=item):
            assert (declared.min_length, declared.max_length) == (
                limits.get("min"),
                limits.get("max"),
            ), path
            compare_constraints(shape.member, without_null(item), f"{path}[]")
        case inspect.IntType():
            assert (declared.ge, declared.le) == (limits.get("min"), limits.get("max")), path
        case inspect.StrType():
            assert (declared.min_length or 0) == limits.get("min", 0), path
            assert declared.max_length == limits.get("max"), path
            assert (declared.pattern is None) == ("pattern" not in limits), path
        case inspect.LiteralType():
            assert set(declared.values) == set(shape.enum), path


def without_null(declared: Any) -> Any:
    if isinstance(declared, inspect.UnionType):
        return next(one for one in declared.types if not isinstance(one, inspect.NoneType))
    return declared
