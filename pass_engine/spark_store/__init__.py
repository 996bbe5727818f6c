"""A cluster that speaks Spark Connect, answering as the embedded store does."""

from pass_engine.spark_store.session import open_spark
from pass_engine.spark_store.tables import SparkStore

__all__ = ["SparkStore", "open_spark"]
