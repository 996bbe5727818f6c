"""A run packed for the decades: everything an inspector needs, readable without this software."""

from pass_engine.archive.check import check_archive
from pass_engine.archive.make import Archived, make_archive

__all__ = ["Archived", "check_archive", "make_archive"]
