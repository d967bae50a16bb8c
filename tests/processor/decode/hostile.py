"""Records nobody should send, and records everybody sends, from one random generator."""

import json
import random
import struct

from analytics_sql.plan import SourceColumn
from analytics_sql.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    SMALLINT,
    TIMESTAMP,
    Kind,
    SqlType,
)

COLUMNS = (
    SourceColumn("name", SqlType(Kind.VARCHAR, 12), ("Name",)),
    SourceColumn("tiny", SqlType(Kind.TINYINT), ("Tiny",)),
    SourceColumn("small", SMALLINT, ("Small",)),
    SourceColumn("whole", INTEGER, ("Whole",)),
    SourceColumn("big", BIGINT, ("Big",)),
    SourceColumn("x", DOUBLE, ("X",)),
    SourceColumn("flag", BOOLEAN, ("Flag",)),
    SourceColumn("at", TIMESTAMP, ("At",)),
    SourceColumn("deep", DOUBLE, ("a", "b")),
    SourceColumn("city", SqlType(Kind.VARCHAR, 40), ("a", "c")),
    SourceColumn("free", SqlType(Kind.VARCHAR), ("a", "d", "e")),
)
FIELDS = ("Name", "Tiny", "Small", "Whole", "Big", "X", "Flag", "At", "a", "Other", "Name2")

NUMBERS = (
    *("0", "-0", "1", "-1", "7", "12", "127", "128", "-128", "-129", "32767", "32768"),
    *("-32768", "-32769", "2147483647", "2147483648", "-2147483648", "-2147483649"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808"),
    *("-9223372036854775809", "18446744073709551616", "9007199254740993"),
    *("9007199254740993.0", "123.4", "5.0", "-5.00", "1e2", "1E+2", "12e-1", "1e-400"),
    *("1e400", "-1e400", "1e308", "1.7976931348623157e308", "1.7976931348623159e308"),
    *("4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324"),
    *("2.2250738585072011e-308", "1e22", "1e23", "8.5e22", "0.1", "0.3", "0e0", "0.0"),
    *("-0.0", "-0e5", "0e-99999999999", "1e99999999999999999999"),
    *("-0e99999999999999999999", "0.00012345678901234567"),
    *("123456789012345678901234567890", "1.00000000000000000000000000001"),
    *("7.2057594037927933e16", "00", "01", "-01", "1.", ".5", "-", "+", "+1", "1e", "1e+"),
    *("0x10", "NaN", "Infinity", "-Infinity", "1_000", "1.e5", "--1", "1-1"),
)
TEXTS = (
    *("", "a", "Shadowfax", "Bucephalus-000001", "Paris", "é", "日本語", "😀", "x" * 12, "x" * 13),
    *(
        "é" * 12,
        "é" * 13,
        "x" * 41,
        "12",
        " 7 ",
        "\n7",
        "\u00a07",
        "1e3",
        "1.5",
        "-0",
        "nan",
        "0x1",
    ),
    *("1_0", "١", "true", "TRUE", "false", "yes", "2017-06-05 09:17:08.123", "2017-06-05"),
    *("2017-06-05 09:17:08", "2017-06-05 09:17:08.1", "2017-06-05 09:17:08.1234"),
    *("2017-06-05T09:17:08.123", "2016-02-29 00:00:00.000", "2017-02-29 00:00:00.000"),
    *("0000-01-01 00:00:00.000", "0001-01-01 00:00:00.000", "9999-12-31 23:59:59.999"),
    *("2017-13-01 00:00:00.000", "2017-00-01 00:00:00.000", "2017-01-01 24:00:00.000"),
    *("2017-06-05 09:60:00.000", "2017-06-05 09:17:60.000", "1900-02-29 00:00:00.000"),
    *("2017-06-0509:17:08.1234", "²017-06-05 09:17:08.123", "日017-06-05 09:17:08.123"),
)
RAW = (
    *(r'"\u0041b"', r'"\ud83d\ude00"', r'"\ud83d"', r'"\ude00x"', r'"\ud83d\ud83d\ude00"'),
    *(r'"a\nb"', r'"\""', r'"\\"', r'"\/"', r'"\x"', r'"\u12"', '"a\tb"', '"a\nb"', '"\x7f"'),
    *('"', '"abc', "true", "false", "null", "tru", "nulll", "{}", "[]", "[1,2]", '{"b":1}'),
    *('{"b":1,"c":"Lyon"}', '{"b":null}', '{"c":"Paris","b":2.5,"d":[{"e":[]}]}', '{"b":{"b":1}}'),
    *('{"d":{"e":{"x" : [1, 2.50, "\\u0041"] }}}', '{"d":{"e":1.50}}', '{"d":{"e":"t"},"d":{}}'),
    *('{"d":{"e":[1],"\\u0065": [ 2 ] }}', "[1,]", "{,}", '{"b":1,}', '{"b" 1}', "[[[[[]]]]]"),
    *("[" * 70 + "]" * 70, '{"a":{"b":{"c":[1,"x",null,true,{"k":-0.5e-3}]}}}', "\x00", "", "1 2"),
)
SPACES = ("", "", "", " ", "\n", " \t\r\n", "\u00a0")


def clean(rng: random.Random) -> bytes:
    """A record as a producer sends it: every column fits."""
    record = {
        "Name": rng.choice(["a", "Shadowfax", "Paris", "é"]),
        "Tiny": rng.randint(-128, 127),
        "Small": rng.randint(0, 2),
        "Whole": rng.randint(-(9**9), 9**9),
        "Big": rng.getrandbits(64) - 2**63,
        "X": rng.uniform(-9, 90),
        "Flag": rng.random() < 0.5,
        "At": f"2017-06-{rng.randint(1, 30):02} 09:17:08.{rng.randint(0, 999):03}",
        "a": {"b": rng.random(), "c": rng.choice(TEXTS[:8]), "d": {"e": "text", "f": [1]}},
        "Latitude": rng.uniform(-90, 90),
    }
    items = list(record.items())
    if rng.random() < 0.1:
        rng.shuffle(items)
    return json.dumps(dict(items), ensure_ascii=False, separators=(",", ":")).encode()


def hostile(rng: random.Random) -> bytes:
    """Any bytes that look somewhat like a record."""
    space = rng.choice(SPACES)
    fields = rng.choices(FIELDS, k=rng.randint(0, 9))
    if rng.random() < 0.05:
        fields = [rng.choice([r"N\u0061me", "Nam", "name", "é", r"\ud83d", "a.b"]), *fields]
    body = f"{space},{space}".join(f'"{name}"{space}:{space}{value(rng, name)}' for name in fields)
    record = f"{space}{{{space}{body}{space}}}{space}".encode()
    return damaged(rng, record) if rng.random() < 0.1 else record


def damaged(rng: random.Random, record: bytes) -> bytes:
    """The record with a byte changed, cut off, doubled, or with something behind it."""
    place, luck = rng.randrange(len(record)), rng.random()
    if luck < 0.5:
        return record[:place] + rng.randbytes(1) + record[place + 1 :]
    if luck < 0.7:
        return record[:place]
    if luck < 0.8:
        return record + b"," + record
    return record + rng.choice([b"\0", b"x", b"}", b"\xef\xbb\xbf", b"\n{}", b"\xff"])


def value(rng: random.Random, name: str) -> str:
    """JSON, mostly, for a member of that name."""
    luck = rng.random()
    if name == "a" and luck < 0.6:
        members = [(rng.choice("bbccdde"), rng.choice(["X", "Name", "a"])) for _ in range(3)]
        pairs = [f'"{key}":{value(rng, kind)}' for key, kind in members[: rng.randint(0, 3)]]
        return "{" + ",".join(pairs) + "}"
    if luck < 0.1:
        return rng.choice(RAW)
    if luck < (0.8 if name in ("Name", "At") else 0.2):
        return json.dumps(rng.choice(TEXTS), ensure_ascii=rng.random() < 0.3)
    return number(rng)


def number(rng: random.Random) -> str:
    """A number, sometimes one that only looks like it."""
    luck = rng.random()
    if luck < 0.3:
        return rng.choice(NUMBERS)
    if luck < 0.5:
        bits: float = struct.unpack("d", rng.randbytes(8))[0]
        return repr(bits)
    if luck < 0.7:
        return str(rng.getrandbits(rng.randint(1, 80)) - rng.getrandbits(rng.randint(1, 40)))
    if luck < 0.85:
        return f"{rng.uniform(-90, 90):.{rng.randint(0, 20)}f}"
    return f"{rng.randint(-9, 9)}.{rng.getrandbits(rng.randint(1, 70))}e{rng.randint(-330, 320)}"
