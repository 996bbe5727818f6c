"""Reads a registry's files or database into ``raw_<table>``, every column text; decides nothing about persons."""

from pass_engine.source.load import load_source
from pass_engine.source.names import named_columns
from pass_engine.source.omop import settle
from pass_engine.source.omop_needs import check_needs, spread_codes
from pass_engine.tables.raw import RawTable

__all__ = ["RawTable", "check_needs", "load_source", "named_columns", "settle", "spread_codes"]
