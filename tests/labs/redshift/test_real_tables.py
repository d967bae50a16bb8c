"""TICKIT's own files through COPY, against DuckDB's reader of CSV."""

from pathlib import Path

import duckdb
import pytest

SCRIPTS = {
    "allevents_pipe.txt": (
        "event",
        "eventid integer not null distkey, venueid smallint not null, catid smallint not null, "
        "dateid smallint not null sortkey, eventname varchar(200), starttime timestamp",
        8_798,
    ),
    "category_pipe.txt": (
        "category",
        "catid smallint not null distkey sortkey, catgroup varchar(10), catname varchar(10), "
        "catdesc varchar(50)",
        11,
    ),
    "date2008_pipe.txt": (
        "date",
        "dateid smallint not null distkey sortkey, caldate date not null, day char(3), "
        "week smallint, month char(5), qtr char(5), year smallint, holiday boolean",
        365,
    ),
    "venue_pipe.txt": (
        "venue",
        "venueid smallint not null distkey sortkey, venuename varchar(100), venuecity varchar(30), "
        "venuestate char(2), venueseats integer",
        202,
    ),
}


def script_of(name: str) -> str:
    table, columns, _ = SCRIPTS[name]
    return (
        f'CREATE TABLE "{table}" ({columns});'
        f"COPY \"{table}\" FROM 's3://lab/tickit/{name}' IAM_ROLE default DELIMITER '|' "
        f"TIMEFORMAT 'YYYY-MM-DD HH:MI:SS' REGION 'us-east-1';"
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_table_is_what_duckdb_reads(
    run_script, real_data: Path, tmp_path: Path, name: str
) -> None:
    path = real_data / "tickit" / name
    table, _, count = SCRIPTS[name]
    report = run_script(script_of(name), {name: path.read_bytes()})
    assert report.results["loads"] == [{"table": table, "rows": count, "refused": 0}]
    with duckdb.connect(str(tmp_path / "redshift.duckdb"), read_only=True) as database:
        ours = database.execute(f'SELECT * FROM "{table}" ORDER BY ALL').fetchall()
        described = database.execute(f'DESCRIBE "{table}"').fetchall()
        columns = {column: kind for column, kind, *_ in described}
        # Empty texts stay empty, as on Redshift; whatever else is empty is NULL.
        values = ", ".join(
            f'"{column}"' if kind == "VARCHAR" else f"CAST(nullif(\"{column}\", '') AS {kind})"
            for column, kind in columns.items()
        )
        theirs = database.execute(
            f"SELECT {values} FROM read_csv('{path}', delim='|', header=false, quote='', "
            f"nullstr='\\N', columns={dict.fromkeys(columns, 'VARCHAR')}) ORDER BY ALL"
        ).fetchall()
    assert len(ours) == count
    assert ours == theirs


def test_the_control_a_delimiter_that_is_not_there(run_script, real_data: Path) -> None:
    body = (real_data / "tickit" / "venue_pipe.txt").read_bytes().replace(b"|", b"\t")
    report = run_script(script_of("venue_pipe.txt"), {"venue_pipe.txt": body})
    assert report.results["failed"] is True
    assert "DELIMITER '\\t'?" in report.answer
