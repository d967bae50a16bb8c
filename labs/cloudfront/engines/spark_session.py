"""A Spark of this machine's cores: quiet, in memory and temporary folders, bound to loopback."""

from pathlib import Path
from typing import Any

from fleet.errors import ConfigError

QUIET = Path(__file__).with_name("log4j2.properties")
# Spark's own default of 200 is for clusters.
SHUFFLE_PARTITIONS = 8


def spark_session(folder: Path, *, hive: bool) -> Any:
    """With Hive's classes and a metastore of its own in memory when `hive`. Raises ConfigError
    without PySpark or Java.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise ConfigError(
            "PySpark is not installed", remedy="pip install 'wildrydes[spark]'"
        ) from None

    builder = SparkSession.builder.master("local[*]").appName("wildrydes lab cloudfront")
    options = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{QUIET} "
        f"-Dderby.stream.error.file={folder}/derby.log",
        "spark.local.dir": str(folder),
        "spark.sql.shuffle.partitions": str(SHUFFLE_PARTITIONS),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if hive:
        options |= {
            "spark.hadoop.hive.exec.scratchdir": str(folder / "scratch"),
            "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:lab;create=true",
            "spark.hadoop.mapreduce.input.fileinputformat.input.dir.recursive": "true",
        }
        builder = builder.enableHiveSupport()
    for key, value in options.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise ConfigError(
            f"Spark does not start: {str(error).splitlines()[0]}",
            remedy="it needs Java 17 or newer: on Debian, apt-get install openjdk-17-jre-headless",
        ) from None
