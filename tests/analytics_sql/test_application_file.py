"""An application's files: found, read, and named in what goes wrong."""

import shutil
from pathlib import Path

import pytest

from analytics_sql.application_file import (
    TEXT_BYTES_MAX,
    WORKSHOP,
    WORKSHOP_SCHEMA,
    load_application,
    workshop_application,
)
from fleet.errors import ConfigError, SqlErrors

TEXT = (WORKSHOP / "app.sql").read_bytes()


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A copy of the workshop's application, under another name."""
    path = tmp_path / "rides.v2.sql"
    shutil.copy(WORKSHOP / "app.sql", path)
    shutil.copy(WORKSHOP_SCHEMA, tmp_path / "rides.v2.schema.json")
    return path


def test_the_schema_beside_the_text(app: Path) -> None:
    application = load_application(app, source_name="SOURCE_SQL_STREAM_001")
    assert application.name == "rides.v2"
    # The same plan, whatever it is called.
    assert application.fingerprint == workshop_application().fingerprint


def test_a_schema_of_another_name(app: Path, tmp_path: Path) -> None:
    schema = (tmp_path / "rides.v2.schema.json").rename(tmp_path / "input.json")
    assert load_application(app, schema_path=schema).name == "rides.v2"
    with pytest.raises(ConfigError, match=r"there is no schema .*rides\.v2\.schema\.json"):
        load_application(app)


def test_another_source(app: Path) -> None:
    with pytest.raises(SqlErrors) as caught:
        load_application(app, source_name="INPUT_001")
    assert caught.value.name == str(app)
    assert "the input is INPUT_001" in caught.value.render()
    assert caught.value.render().startswith(f"{app}:7:6: there is no stream SOURCE_SQL_STREAM_001")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no application") as caught:
        load_application(tmp_path / "none.sql")
    assert caught.value.remedy
    with pytest.raises(ConfigError, match=r"there is no application .*app\.sql"):
        load_application(tmp_path)


@pytest.mark.parametrize(("prefix", "offset"), [(b"", 3), (b"\xef\xbb\xbf", 6)])
def test_bytes_that_are_not_utf_8(app: Path, prefix: bytes, offset: int) -> None:
    app.write_bytes(prefix + b"-- \xe9t\xc3\xa9\n" + TEXT)
    with pytest.raises(ConfigError, match=f"not UTF-8: byte 0xe9 at offset {offset}") as caught:
        load_application(app)
    assert caught.value.remedy == "save the file as UTF-8"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(app: Path) -> None:
    app.write_bytes(b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n"))
    assert load_application(app).fingerprint == workshop_application().fingerprint


def test_a_text_has_a_limit(app: Path) -> None:
    app.write_bytes(TEXT + b" " * (TEXT_BYTES_MAX - len(TEXT)))
    load_application(app)
    app.write_bytes(TEXT + b" " * (TEXT_BYTES_MAX - len(TEXT) + 1))
    with pytest.raises(ConfigError, match="has 102401 bytes") as caught:
        load_application(app)
    assert "102400" in (caught.value.remedy or "")
