"""Checks how a registry maps to the core model, and drafts a mapping: on the registry's own machine."""

from pass_engine.mapping.check import check_mapping
from pass_engine.mapping.draft import draft_mapping, write_new
from pass_engine.mapping.findings import RegistryCheck
from pass_engine.mapping.show import show_check, to_json

__all__ = ["RegistryCheck", "check_mapping", "draft_mapping", "show_check", "to_json", "write_new"]
