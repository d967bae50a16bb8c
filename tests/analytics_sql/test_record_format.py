"""JSON paths, as the guide writes them and as they must not be written."""

import pytest

from analytics_sql.record_format import EACH, Path, json_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("$", ()),
        ("$.customerName", ("customerName",)),
        ("$.address.city", ("address", "city")),
        ("$.orders[0:]", ("orders",)),
        ("$.orders[0:].orderId", ("orders", EACH, "orderId")),
        ("$.orders[*].orderId", ("orders", EACH, "orderId")),
        ("$[0:].a", (EACH, "a")),
        ("$.orders[12].a", ("orders", 12, "a")),
        ("$['a b'].c", ("a b", "c")),
        ('$.a["b.c"]', ("a", "b.c")),
        ("$.Record Date.a b", ("Record Date", "a b")),
        ("$.@timestamp", ("@timestamp",)),
        ("$.$.user-agent", ("$", "user-agent")),
    ],
)
def test_paths(text: str, path: Path) -> None:
    assert json_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "$a",
        "$.",
        "$..a",
        "$.a[",
        "$.a[-1]",
        "$.a[1:]",
        "$.a[0:2]",
        "$. a",
        "$.a ",
        "$['']",
    ],
)
def test_no_paths(text: str) -> None:
    assert json_path(text) is None
