"""The bank's calls: 41,188 of them, in the order of their dates, May 2008 to November 2010."""

from pathlib import Path
from typing import Final

import polars as pl

from labs.banking.generator import generate
from labs.dataset import Dataset, PublicFile
from labs.datasource.reader import read_rows
from labs.datasource.schema import Schema, read_schema

FILE: Final = "bank-additional-full.csv"
SCHEMA: Final = Path(__file__).with_name("schema.json")
RECIPE: Final = Path(__file__).with_name("recipe.json")
TARGET_YES: Final = "yes"
LEAK: Final = "duration"
"""How long the call took: known only once the customer has answered."""

DATASET: Final = Dataset(
    name="banking",
    names=(FILE,),
    generator="calls of a bank whose answers follow their length, the economy, the last campaign",
    generate=lambda folder, seed: generate(folder / FILE, seed),
    source="UCI Bank Marketing (S. Moro, P. Cortez, P. Rita 2014, doi 10.1016/j.dss.2014.03.001, "
    "CC BY 4.0)",
    public={
        FILE: PublicFile(
            "https://archive.ics.uci.edu/static/public/222/bank+marketing.zip",
            checksum="74adfc578bf77a7ff4bb1ba4a9f8709d9e3c6907342959c2c8416847e0afb4d8",
            member=FILE,
        )
    },
)


def read_calls(path: Path, delimiter: str) -> tuple[Schema, pl.DataFrame]:
    """Schema and rows, in the file's order. Raises ConfigError with the line of what is wrong."""
    schema = read_schema(SCHEMA)
    return schema, read_rows(path, schema, delimiter)
