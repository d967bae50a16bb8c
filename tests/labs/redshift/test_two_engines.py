"""The same on DuckDB and on a real PostgreSQL, whose own COPY is a third reader."""

import subprocess
from pathlib import Path

import duckdb
import psycopg
import pytest
from click.testing import CliRunner

from fleet.errors import ConfigError
from labs.redshift.postgresql_warehouse import PostgresWarehouse
from labs.redshift.users import FILE
from tests.labs.redshift.conftest import answers
from tests.labs.redshift.test_real_tables import SCRIPTS, script_of
from tests.labs.redshift.test_redshift_lab import COPY, MIXED, READ, TABLE
from tests.postgresql import PostgresServer
from wildrydes.cli import wildrydes


@pytest.fixture
def server(postgresql: PostgresServer) -> PostgresServer:
    """With nothing in it."""
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgresql


def rows(server: PostgresServer, query: str) -> list[tuple]:
    with psycopg.connect(server.url) as connection:
        return connection.execute(query).fetchall()


def test_the_lab_says_the_same_on_both(run_script, server: PostgresServer, tmp_path: Path) -> None:
    on_duckdb = run_script()
    on_postgresql = run_script(warehouse=PostgresWarehouse(server.url, replaces=False))
    assert on_postgresql.results.pop("engine") == "PostgreSQL"
    assert on_duckdb.results.pop("engine") == "DuckDB"
    assert on_postgresql.results == on_duckdb.results
    assert on_postgresql.answer == on_duckdb.answer
    # PostgreSQL's COPY, told that nothing is NULL, which it is for every type in this file.
    with psycopg.connect(server.url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE theirs (LIKE users)")
        with cursor.copy("COPY theirs FROM STDIN (DELIMITER '|', NULL '')") as copy:
            copy.write((tmp_path / "data" / FILE).read_bytes())
    differing = "(SELECT * FROM users EXCEPT ALL SELECT * FROM theirs)"
    assert rows(server, f"SELECT count(*) FROM {differing} d") == [(0,)]
    assert rows(server, "SELECT count(*) FROM theirs") == [(49_990,)]


@pytest.mark.parametrize("name", SCRIPTS)
def test_real_tables_are_the_same_on_both(
    run_script, server: PostgresServer, real_data: Path, tmp_path: Path, name: str
) -> None:
    files = {name: (real_data / "tickit" / name).read_bytes()}
    run_script(script_of(name), files)
    run_script(script_of(name), files, PostgresWarehouse(server.url, replaces=False))
    everything = f'SELECT * FROM "{SCRIPTS[name][0]}" ORDER BY 1'
    with duckdb.connect(str(tmp_path / "redshift.duckdb"), read_only=True) as database:
        on_duckdb = database.execute(everything).fetchall()
    # What is left of a char's padding: none of its blanks counts.
    on_postgresql = [
        tuple(value.rstrip(" ") if isinstance(value, str) else value for value in row)
        for row in rows(server, everything)
    ]
    assert [
        tuple(value.rstrip(" ") if isinstance(value, str) else value for value in row)
        for row in on_duckdb
    ] == on_postgresql


def test_load_errors_are_the_same_on_both(run_script, server: PostgresServer) -> None:
    script = TABLE + COPY.format(7) + READ
    on_duckdb = run_script(script, {"t.txt": MIXED})
    on_postgresql = run_script(
        script, {"t.txt": MIXED}, PostgresWarehouse(server.url, replaces=False)
    )
    assert answers(on_postgresql) == answers(on_duckdb)
    assert on_postgresql.results["load_errors"] == on_duckdb.results["load_errors"]


def test_a_load_that_fails_leaves_the_table_as_it_was(run_script, server: PostgresServer) -> None:
    report = run_script(
        TABLE + "INSERT INTO t VALUES (0, 'old', true);" + COPY.format(6),
        {"t.txt": MIXED},
        PostgresWarehouse(server.url, replaces=False),
    )
    assert report.results["failed"] is True
    assert rows(server, "SELECT * FROM t") == [(0, "old", True)]
    assert rows(server, "SELECT count(*) FROM stl_load_errors") == [(6,)]


TYPES = """
CREATE TABLE t (a smallint, b bigint, c decimal(8,2), d real, e double precision, f boolean,
  g char(4), h varchar(9), i date, j timestamp, k char(3));
COPY t FROM 's3://lab/in/t.txt' EMPTYASNULL;
SELECT * FROM t ORDER BY h;
SELECT g, count(*) AS n, sum(c) AS paid, 7 / 2 AS half, max(j) AS at
FROM t WHERE g = 'ab' GROUP BY g;
"""
VALUES = (
    "1|2|3.456|0.5|1e3|t|ab|é, Z|2008-02-29|2008-02-29 01:02:03.5|x\n"
    "-1|-2|-3.999|-0.25|2|0|ab |a|1999-12-31|1969-12-31 23:59:59|\n"
    "|||||||B||||\n"
).encode()


def test_every_type_is_the_same_on_both(run_script, server: PostgresServer) -> None:
    on_duckdb = run_script(TYPES, {"t.txt": VALUES})
    on_postgresql = run_script(
        TYPES, {"t.txt": VALUES}, PostgresWarehouse(server.url, replaces=False)
    )
    expected = [
        # Sorted by bytes, whatever the language: capitals, small letters, é.
        [
            [None] * 7 + ["B", None, None, None],
            [-1, -2, -3.99, -0.25, 2.0, False, "ab", "a", "1999-12-31", "1969-12-31 23:59:59",
             None],
            [1, 2, 3.45, 0.5, 1000.0, True, "ab", "é, Z", "2008-02-29",
             "2008-02-29 01:02:03.500000", "x"],
        ],
        [["ab", 2, -0.54, 3, "2008-02-29 01:02:03.500000"]],
    ]  # fmt: skip
    assert answers(on_duckdb) == expected
    assert answers(on_postgresql) == expected


def test_tools_see_redshifts_types(run_script, server: PostgresServer) -> None:
    run_script(TYPES, {"t.txt": VALUES}, PostgresWarehouse(server.url, replaces=False))
    described = rows(
        server,
        "SELECT column_name, data_type, character_maximum_length FROM information_schema.columns "
        "WHERE table_name = 't' AND column_name IN ('c', 'g', 'h') ORDER BY 1",
    )
    assert described == [
        ("c", "numeric", None), ("g", "character", 4), ("h", "character varying", 9),
    ]  # fmt: skip


def test_psql_sees_what_it_sees_on_redshift(run_script, server: PostgresServer) -> None:
    run_script(TYPES, {"t.txt": VALUES}, PostgresWarehouse(server.url, replaces=False))
    seen = subprocess.run(
        [server.binaries / "psql", "--no-psqlrc", "--csv", "--dbname", server.url,
         "--command", "SELECT f, g, h, j FROM t ORDER BY h"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert seen.splitlines() == [
        "f,g,h,j",
        ",,B,",
        "f,ab  ,a,1969-12-31 23:59:59",
        't,ab  ,"é, Z",2008-02-29 01:02:03.5',
    ]


def test_a_table_that_is_there_stays_unless_it_shall_be_replaced(
    run_script, server: PostgresServer
) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (mine text)")
        connection.execute("INSERT INTO t VALUES ('kept')")
    with pytest.raises(ConfigError, match=r"table t is in postgres at .* already"):
        run_script(TABLE, {}, PostgresWarehouse(server.url, replaces=False))
    assert rows(server, "SELECT * FROM t") == [("kept",)]
    run_script(TABLE, {}, PostgresWarehouse(server.url, replaces=True))
    assert rows(server, "SELECT * FROM t") == []


def test_who_is_not_let_in_is_told_so_without_the_password(server: PostgresServer) -> None:
    with pytest.raises(ConfigError, match="password authentication failed") as caught:
        PostgresWarehouse(f"postgresql://wildrydes:sesame@{server.place}", replaces=False)
    assert "sesame" not in str(caught.value)
    with pytest.raises(ConfigError, match="--dsn is no URL of PostgreSQL"):
        PostgresWarehouse("mysql://here", replaces=False)


def test_the_command(server: PostgresServer, tmp_path: Path) -> None:
    line = "1|JOE00001|Joe|Doe|Reno|NV|j@example.com|(775) 555-0100|TRUE||||||||TRUE||\n"
    (tmp_path / "users.txt").write_text(line.replace("||||||||TRUE", "|||||||TRUE"))
    arguments = ["lab", "run", "redshift", "--out", str(tmp_path / "out"), "--dsn", server.url]
    ran = CliRunner().invoke(
        wildrydes, [*arguments, "--data", str(tmp_path / "users.txt")], catch_exceptions=False
    )
    assert ran.exit_code == 0, ran.output
    assert "Of 1 users 1 like Vegas and sports, and 1 Vegas or sports." in ran.output
    assert rows(server, "SELECT likesports, likejazz, likevegas FROM users") == [(True, None, True)]
    assert not (tmp_path / "out" / "redshift.duckdb").exists()
