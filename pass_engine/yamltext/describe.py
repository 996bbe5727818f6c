"""One language as JSON Schema, and one field of it in words: type, default, values, meaning."""

from __future__ import annotations

import json
import types
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pass_engine.yamltext.model_faults import PATTERNS
from pass_engine.yamltext.shapes import fields_of, inner_types, literal_values, models_in

if TYPE_CHECKING:
    from collections.abc import Iterator


PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", date: "date"}
LIMITS = {
    "ge": "at least {:g}",
    "gt": "more than {:g}",
    "le": "at most {:g}",
    "lt": "less than {:g}",
    "min_length": "at least {} characters",
    "max_length": "at most {} characters",
}
"""Limits of a type, as pydantic names them."""


@dataclass(frozen=True)
class Field:
    """One field as documentation shows it. ``path`` has no chosen names: ``outcomes.clean_window_days``."""

    path: str
    owner: type[BaseModel]
    kind: str
    required: bool
    default: str
    meaning: str
    models: tuple[type[BaseModel], ...]


def json_schema(model: type[BaseModel], identifier: str, title: str) -> str:
    """JSON Schema (draft 2020-12) of a language, with the names used in the file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": identifier,
        **model.model_json_schema(by_alias=True),
        "title": title,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def all_fields(model: type[BaseModel]) -> Iterator[Field]:
    """Every field in reading order, once, deeper ones after the field that holds them."""
    yield from dict.fromkeys(_fields(model, ()))


def _fields(model: type[BaseModel], above: tuple[str, ...]) -> Iterator[Field]:
    for name, info in fields_of(model).items():
        models = _deep_models(info.annotation)
        yield _field(name, info, model, above, models)
        for inner in models:
            yield from _fields(inner, (*above, name))


def _deep_models(annotation: Any) -> tuple[type[BaseModel], ...]:
    found = dict.fromkeys(models_in(annotation))
    for inner in inner_types(annotation):
        found.update(dict.fromkeys(_deep_models(inner)))
    return tuple(found)


def _field(
    name: str, info: FieldInfo, owner: type[BaseModel], above: tuple[str, ...], models: tuple[type[BaseModel], ...]
) -> Field:
    required = info.is_required()
    return Field(
        path=".".join((*above, name)),
        owner=owner,
        kind=kind_of(info.annotation, tuple(info.metadata)),
        required=required,
        default="" if required else shown_default(info.default),
        meaning=info.description or "",
        models=models,
    )


def kind_of(annotation: Any, limits: tuple[Any, ...] = ()) -> str:
    """What a field holds, in words, with its limits."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return kind_of(inner, (*limits, *_limits_in(more)))
    if origin in (Union, types.UnionType):
        kinds = [kind_of(a, limits) for a in get_args(annotation) if a is not type(None)]
        return " or ".join(dict.fromkeys(kinds))
    if origin in (dict, tuple):
        return _kind_of_many(origin, get_args(annotation))
    if origin is Literal:
        values = [f"`{_written(v)}`" for v in get_args(annotation)]
        return f"one of {', '.join(values)}" if len(values) > 1 else values[0]
    if models_in(annotation):
        return "fields"
    return PLAIN.get(annotation, "any value") + _limits_in_words(limits)


def _kind_of_many(origin: Any, arguments: tuple[Any, ...]) -> str:
    if origin is tuple:
        return f"list of {kind_of(arguments[0])}"
    names = [f"`{v}`" for v in literal_values(arguments[0])]
    return f"{' or '.join(names) or 'names'}, each with {kind_of(arguments[1])}"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _limits_in(metadata: list[Any]) -> tuple[Any, ...]:
    return tuple(m for entry in metadata for m in (entry.metadata if isinstance(entry, FieldInfo) else (entry,)))


def _limits_in_words(limits: tuple[Any, ...]) -> str:
    words: list[str] = []
    for limit in limits:
        pattern = getattr(limit, "pattern", None)
        if pattern is not None:
            words.append(PATTERNS.get(pattern, f"matching {pattern}"))
        for name, text in LIMITS.items():
            value = getattr(limit, name, None)
            if value is not None and not (name == "min_length" and value == 1):
                words.append(text.format(value))
    return f" ({', '.join(words)})" if words else ""


def shown_default(default: object) -> str:
    """A default as it would be written."""
    if default is None or default is PydanticUndefined:
        return "empty"
    if isinstance(default, BaseModel):
        given = {k: v for k, v in default.model_dump(by_alias=True).items() if v is not None}
        return ", ".join(f"{k}: {shown_default(v)}" for k, v in given.items()) or "none of its fields"
    if isinstance(default, tuple):
        return f"[{', '.join('[]' if v == () else shown_default(v) for v in default)}]"
    if isinstance(default, dict):
        return "{}" if not default else str(default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def find_fields(model: type[BaseModel], written: str) -> tuple[Field, ...]:
    """Fields of this path; names chosen by the author and list positions may be in it or not."""
    exact = tuple(f for f in all_fields(model) if f.path == written)
    return exact or _walk((model,), tuple(written.split(".")), ())


def _walk(models: tuple[type[BaseModel], ...], steps: tuple[str, ...], above: tuple[str, ...]) -> tuple[Field, ...]:
    """Follow a path in which one step may be a chosen name wherever a field holds several parts."""
    step, rest = steps[0], steps[1:]
    found: list[Field] = []
    for model in models:
        info = fields_of(model).get(step)
        if info is None:
            continue
        inner = _deep_models(info.annotation)
        if not rest:
            found.append(_field(step, info, model, above, inner))
            continue
        here = (*above, step)
        direct = _walk(inner, rest, here)
        named = _walk(inner, rest[1:], here) if len(rest) > 1 and inner_types(info.annotation) else ()
        ends = not inner and inner_types(info.annotation) and len(rest) == 1
        found.extend(direct or named or ((_field(step, info, model, above, inner),) if ends else ()))
    return tuple(found)
