import pytest
from hypothesis import given, strategies as st

from local_kinesis.token import seal, unseal


@given(st.integers(), st.text())
def test_what_is_sealed_comes_back(number: int, text: str) -> None:
    token = seal("kind", number, text)
    assert token.isascii()
    assert unseal("kind", token, 2) == [str(number), text]


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_anything_else_is_none(text: str) -> None:
    assert unseal("kind", text, 2) is None


@pytest.mark.parametrize(("kind", "count"), [("other", 2), ("kind", 1), ("kind", 3)])
def test_a_token_of_another_kind_is_none(kind: str, count: int) -> None:
    sealed = seal("kind", 1, "text")
    expected = ["1/text"] if (kind, count) == ("kind", 1) else None
    assert unseal(kind, sealed, count) == expected
