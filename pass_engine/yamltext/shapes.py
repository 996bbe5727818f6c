"""The shape of a language as its models tell it: which fields stand where, and what they may hold."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from pass_engine.yamltext.places import step_into

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from pass_engine.yamltext.places import KeyPath

Models = tuple[type[BaseModel], ...]


def options(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of an annotation, without None and without constraints."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return options(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(o for part in get_args(annotation) for o in options(part) if o is not type(None))
    return (annotation,)


def written_name(name: str, info: FieldInfo) -> str:
    """The name of a field in the file (``from``, where Python must say ``from_``)."""
    return info.alias or name


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of a model by the name they have in the file."""
    return {written_name(name, info): info for name, info in model.model_fields.items()}


def models_in(annotation: Any) -> Models:
    """The models among the alternatives of an annotation."""
    return tuple(o for o in options(annotation) if isinstance(o, type) and issubclass(o, BaseModel))


def inner_types(annotation: Any) -> tuple[Any, ...]:
    """What the lists and the free mappings among the alternatives hold."""
    found: list[Any] = []
    for option in options(annotation):
        arguments = get_args(option)
        if get_origin(option) is dict:
            found.append(arguments[1])
        elif get_origin(option) is tuple:
            found.extend(a for a in dict.fromkeys(arguments) if a is not Ellipsis)
    return tuple(found)


def types_at(root: type[BaseModel], path: KeyPath, value: object = None) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Types that may stand at a path, and the path without names that the author chose.

    ``value`` is the whole file; where several models may stand it tells by ``kind`` which one was meant.
    """
    here: tuple[Any, ...] = (root,)
    public: list[str] = []
    for step in path:
        models = _meant(tuple(m for a in here for m in models_in(a)), value)
        named = tuple(fields_of(m)[str(step)].annotation for m in models if str(step) in fields_of(m))
        if named:
            public.append(str(step))
        here = named or tuple(t for a in here for t in inner_types(a))
        value = step_into(value, step)
    return here, tuple(public)


def models_at(root: type[BaseModel], path: KeyPath, value: object = None) -> Models:
    """The models that may stand at a path."""
    here, _ = types_at(root, path, value)
    for step in path:
        value = step_into(value, step)
    return _meant(tuple(m for a in here for m in models_in(a)), value)


def _meant(models: Models, value: object) -> Models:
    kind = value.get("kind") if isinstance(value, dict) else None
    meant = tuple(
        m for m in models if "kind" in m.model_fields and kind in literal_values(m.model_fields["kind"].annotation)
    )
    return meant or models


def literal_values(annotation: Any) -> tuple[Any, ...]:
    """The closed list of values among the alternatives of an annotation."""
    return tuple(v for o in options(annotation) if get_origin(o) is Literal for v in get_args(o))
