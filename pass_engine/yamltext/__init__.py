"""YAML files as people write them: strict values, the place of each, and faults that name both."""

from pass_engine.yamltext.canonical import canonical, canonical_json
from pass_engine.yamltext.later import ANY, NOT_IN_THIS_VERSION, Later, find_later, matches, without
from pass_engine.yamltext.model_faults import check_model, nearest, suggest
from pass_engine.yamltext.places import KeyPath, Place, Problem, YamlText, dotted, shown_name, value_at
from pass_engine.yamltext.reader import parse_yaml, read_yaml
from pass_engine.yamltext.sound import sound, sound_fields, sound_items

__all__ = [
    "ANY",
    "NOT_IN_THIS_VERSION",
    "KeyPath",
    "Later",
    "Place",
    "Problem",
    "YamlText",
    "canonical",
    "canonical_json",
    "check_model",
    "dotted",
    "find_later",
    "matches",
    "nearest",
    "parse_yaml",
    "read_yaml",
    "shown_name",
    "sound",
    "sound_fields",
    "sound_items",
    "suggest",
    "value_at",
    "without",
]
