"""What a model refuses, in plain words and at the right place of the file."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from pass_engine.yamltext.places import Problem, step_into, value_at
from pass_engine.yamltext.shapes import fields_of, literal_values, models_at, types_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pass_engine.yamltext.places import KeyPath

UNKNOWN, MISSING, WRONG_TYPE, WRONG_VALUE = 4, 6, 7, 8
M = TypeVar("M", bound=BaseModel)

WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "date_type": "a date, as 2024-12-31",
    "tuple_type": "a list, as [a, b]",
    "dict_type": "fields, as {name: value}",
    "model_type": "fields, as {name: value}",
    "model_attributes_type": "fields, as {name: value}",
}
PATTERNS = {
    r"^[a-z][a-z0-9_\-]*$": "a name of small letters, digits, _ and -, beginning with a letter",
    r"^[A-Z]{2}$": "a country code of two capital letters (ISO 3166-1 alpha-2), as DK",
    r"^text/[\w\-./]+\.md$": "a Markdown file in the folder text/, as text/rationale.md",
    r"^codelists/[\w\-./]+\.csv$": "a CSV file in the folder codelists/, as codelists/infection.csv",
    r"^[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?$": "an ATC code of any level, as L04AG08 or L04AA",
    r"^standards/[\w\-./]+\.csv$": "a CSV file in the folder standards/, as standards/town.csv",
    r"^[a-z_]+\.[a-z_0-9]+$": "a variable, as person.birth_date",
}
LIMITS = {
    "greater_than_equal": ("ge", "a number of at least {}"),
    "greater_than": ("gt", "a number above {}"),
    "less_than_equal": ("le", "a number of at most {}"),
    "less_than": ("lt", "a number below {}"),
    "too_short": ("min_length", "a list of at least {} item(s)"),
    "too_long": ("max_length", "a list of at most {} item(s)"),
    "string_too_short": ("min_length", "text of at least {} character(s)"),
    "string_too_long": ("max_length", "text of at most {} characters"),
}


def check_model(model: type[M], value: object) -> tuple[M | None, tuple[Problem, ...]]:
    """The model of a whole file, or everything in it that the model refuses."""
    try:
        return model.model_validate(value, by_alias=True, by_name=False), ()
    except ValidationError as error:
        return None, tuple(_translate(model, value, error))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that is most like a word, if one is."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def suggest(word: str, known: Iterable[str], *, limit: int = 12) -> str:
    """What to write instead of an unknown name: the nearest one, or the list."""
    names = list(dict.fromkeys(known))
    near = nearest(word, names)
    if near:
        return f"did you mean {near}?"
    if not names:
        return "there is none to name yet"
    return "one of: " + ", ".join(names[:limit]) + (", …" if len(names) > limit else "")


def _translate(model: type[BaseModel], value: object, error: ValidationError) -> list[Problem]:
    by_path: dict[tuple[KeyPath, bool], list[Any]] = {}
    for one in error.errors(include_url=False):
        path, at_key = _file_path(one["loc"], one["type"], value)
        by_path.setdefault((path, at_key), []).append(one)
    paths = tuple(path for path, _ in by_path)
    problems = []
    for (path, at_key), errors in by_path.items():
        deeper = any(len(p) > len(path) and p[: len(path)] == path for p in paths)
        if errors[0]["type"] == "missing" and _is_misspelt(path, by_path):
            continue
        kept = [e for e in errors if not (e["type"].endswith("_type") or e["type"] == "too_short")] or (
            [] if deeper else errors
        )
        if kept:
            problems.append(_problem(model, value, path, kept, at_key=at_key))
    return problems


def _is_misspelt(path: KeyPath, found: Iterable[tuple[KeyPath, bool]]) -> bool:
    """Is a missing field there under a name so near that the unknown name says it all?"""
    written = [str(p[-1]) for p, at_key in found if at_key and p[:-1] == path[:-1]]
    return nearest(str(path[-1]), written) is not None


def _file_path(location: tuple[str | int, ...], kind: str, value: object) -> tuple[KeyPath, bool]:
    """The path in the file of an error's location, which also names union members; and whether the key is meant."""
    path: list[str | int] = []
    for position, step in enumerate(location):
        last = position == len(location) - 1
        inside = step_into(value, step) is not None or (isinstance(value, dict) and step in value)
        if inside:
            path.append(step)
            value = step_into(value, step)
        elif step == "[key]":
            return tuple(path), True
        elif last and kind == "missing":
            path.append(step)
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        path.append("kind")
    return tuple(path), kind == "extra_forbidden"


def _problem(model: type[BaseModel], value: object, path: KeyPath, errors: list[Any], *, at_key: bool) -> Problem:
    kind = errors[0]["type"]
    hint = f"(pass-engine schema {'.'.join(types_at(model, path, value)[1])})"
    if kind == "extra_forbidden":
        return _unknown(model, value, path)
    if kind in {"missing", "union_tag_not_found"}:
        mend = f"write {path[-1]}: {_meaning(model, path, value)} {hint}"
        return Problem(path, MISSING, "this field is missing", mend)
    if kind == "union_tag_invalid" or (kind == "literal_error" and len(errors) == 1):
        return _not_listed(model, value, path, hint)
    return _wrong(path, value_at(value, path), errors, hint, at_key=at_key)


def _wrong(path: KeyPath, here: object, errors: list[Any], hint: str, *, at_key: bool) -> Problem:
    wanted = _wanted(errors)
    if at_key:
        mend = "give it such a name, here and where it is used"
        return Problem(path, WRONG_VALUE, f"this name must be {wanted}", mend, at_key=True)
    if here is None:
        mend = f"write a value, or take the field away {hint}"
        return Problem(path, MISSING, f"no value is written; it must be {wanted}", mend)
    number = WRONG_TYPE if all(e["type"].endswith("_type") for e in errors) else WRONG_VALUE
    if wanted == WANTED["string_type"] and not isinstance(here, dict):
        return Problem(path, number, "it must be text", f"put it in quotes {hint}")
    return Problem(path, number, f"it must be {wanted}", f"write {wanted} {hint}")


def _unknown(model: type[BaseModel], value: object, path: KeyPath) -> Problem:
    word = str(path[-1])
    models = models_at(model, path[:-1], value)
    known = {name for m in models for name in fields_of(m)}
    near = nearest(word, known)
    _, public = types_at(model, path[:-1], value)
    if near:
        return Problem(
            path,
            UNKNOWN,
            "this field is not known here",
            f"did you mean {near}? (pass-engine schema {'.'.join((*public, near))})",
            at_key=True,
        )
    order = list(dict.fromkeys(name for m in models for name in fields_of(m)))
    mend = "take it away; known here: " + ", ".join(order) if order else "take it away; no field is known here"
    return Problem(path, UNKNOWN, "this field is not known here", mend, at_key=True)


def _not_listed(model: type[BaseModel], value: object, path: KeyPath, hint: str) -> Problem:
    known: list[str] = []
    for annotation in _types_for_value(model, value, path):
        known.extend(_spelled(v) for v in literal_values(annotation))
    here = value_at(value, path)
    near = nearest(str(here), known)
    listed = ", ".join(dict.fromkeys(known))
    mend = f"did you mean {near}? {hint}" if near else f"write one of: {listed} {hint}"
    return Problem(path, WRONG_VALUE, "this value is not known here", mend)


def _types_for_value(model: type[BaseModel], value: object, path: KeyPath) -> tuple[Any, ...]:
    return types_at(model, path, value)[0]


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wanted(errors: list[Any]) -> str:
    return " or ".join(dict.fromkeys(_one_wanted(e) for e in errors))


def _one_wanted(error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in WANTED:
        return WANTED[kind]
    if kind in LIMITS:
        name, words = LIMITS[kind]
        limit = context[name]
        if context.get("field_type") == "Dictionary":
            words = words.replace("a list of ", "").replace("item(s)", "field(s)")
        return _plural(words.format(f"{limit:g}" if isinstance(limit, float) else limit), limit)
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(context["pattern"], f"text that matches {context['pattern']}")
    if kind == "literal_error":
        return str(context["expected"]).replace("'", "")
    return str(error["msg"]).removeprefix("Value error, ")


def _plural(words: str, limit: float) -> str:
    return words.replace("(s)", "" if limit == 1 else "s")


def _meaning(model: type[BaseModel], path: KeyPath, value: object) -> str:
    for owner in models_at(model, path[:-1], value):
        info = fields_of(owner).get(str(path[-1]))
        if info is not None and info.description:
            return f"… ({info.description[0].lower()}{info.description[1:]})"
    return "…"
