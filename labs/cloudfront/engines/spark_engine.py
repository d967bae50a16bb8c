"""A script's tables and queries on PySpark.

`spark` reads lines and cuts them as pattern.py proves, so that Java's regular expressions see one
field at a time. `hive` runs the script's CREATE TABLE as it is, with Hive's own RegexSerDe, which
PySpark ships: what a pattern means in Hive, and as slow there.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from labs.cloudfront.engines.base import Result
from labs.cloudfront.engines.spark_rows import table_frame
from labs.cloudfront.engines.spark_session import spark_session
from labs.cloudfront.hive.script import Query, Script


class SparkEngine:
    """One Spark for one script."""

    def __init__(self, script: Script, files: dict[str, list[Path]], *, hive: bool) -> None:
        """`files` by the tables' names. Raises ConfigError, SqlErrors."""
        self._script = script
        self._folder = TemporaryDirectory(prefix="wildrydes-lab-", ignore_cleanup_errors=True)
        self._spark: Any = None
        try:
            self._spark = spark_session(Path(self._folder.name), hive=hive)
            for name, table in script.tables.items():
                if hive:
                    self._run(table.ddl, table.base)
                else:
                    frame = table_frame(self._spark, table, files[name])
                    frame.createOrReplaceTempView(table.name)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the Java process."""
        if self._spark is not None:
            self._spark.stop()
        self._folder.cleanup()

    def query(self, query: Query) -> Result:
        """Raises SqlErrors."""
        from pyspark.sql.types import NumericType

        frame = self._run(query.text, query.base)
        return Result(
            [field.name.lower() for field in frame.schema.fields],
            [f.name.lower() for f in frame.schema.fields if isinstance(f.dataType, NumericType)],
            self._taken(frame, query),
        )

    def count(self, table: str) -> int:
        """The rows of a table, which are the lines of its files."""
        return int(self._spark.table(table).count())

    def _taken(self, frame: Any, query: Query) -> Iterator[tuple[Any, ...]]:
        """What only the data shows, an overflow for one, comes up here."""
        from pyspark.errors import PySparkException

        try:
            yield from (tuple(row) for row in frame.toLocalIterator())
        except PySparkException as error:
            raise self._refused(error, query.base) from None

    def _run(self, text: str, base: int) -> Any:
        from pyspark.errors import PySparkException

        try:
            return self._spark.sql(text)
        except PySparkException as error:
            raise self._refused(error, base) from None

    def _refused(self, error: Exception, base: int) -> Exception:
        return self._script.source.error(f"Spark: {str(error).splitlines()[0]}", base)
