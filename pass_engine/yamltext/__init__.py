"""YAML files as people write them: strict values, the place of each, and faults that name both."""

from pass_engine.yamltext.canonical import canonical, canonical_json
from pass_engine.yamltext.later import ANY, NOT_IN_THIS_VERSION, Later, find_later, matches, without
from pass_engine.yamltext.model_faults import check_model, nearest, suggest
from pass_engine.yamltext.places import KeyPath, Place, Problem, YamlText, dotted, shown_name, unopened, value_at
from pass_engine.yamltext.reader import parse_yaml, read_yaml
from pass_engine.yamltext.sound import sound, sound_fields, sound_items
from pass_engine.yamltext.texts import ONE_LINE, text_problem, texts_in

__all__ = [
    "ANY",
    "NOT_IN_THIS_VERSION",
    "ONE_LINE",
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
    "text_problem",
    "texts_in",
    "unopened",
    "value_at",
    "without",
]
