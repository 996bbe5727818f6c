"""What one version of a protocol has otherwise than another: in the field's words, by section of the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pass_engine.protocol import digests_of
from pass_engine.protocol.sentences.changes import say_change
from pass_engine.yamltext import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.protocol import Protocol

SECTIONS: Final = (
    ("study.milestones", "5", "Milestones"),
    ("study.objectives", "7", "Research question and objectives"),
    ("study.amendments", "8", "Amendments and updates"),
    ("study.text", "6", "Prose"),
    ("study", "", "Title page"),
    ("data.partial_dates", "9.8", "Data transformation"),
    ("data.faults", "9.8", "Data transformation"),
    ("data", "9.5", "Data sources and measurement"),
    ("population.period", "9.2", "Setting"),
    ("population", "9.3", "Subjects"),
    ("exposures", "9.4", "Variables"),
    ("times_at_risk", "9.4", "Variables"),
    ("outcomes", "9.4", "Variables"),
    ("strata", "9.4", "Variables"),
    ("analyses", "9.9", "Statistical methods"),
    ("quality", "9.10", "Quality control"),
    ("publish", "A2.4", "Disclosure control"),
    ("codelists/", "A2.1", "Code lists"),
    ("standards/", "9.9", "Statistical methods"),
)
"""Beginning of a path, and the section of the report in which it is told; the first that fits."""
PROSE: Final = {
    "rationale": ("6", "Rationale and background"), "bias": ("9.6", "Bias"), "study_size": ("9.7", "Study size"),
    "quality_control": ("9.10", "Quality control"), "key_results": ("11.1", "Key results"),
    "limitations": ("11.2", "Limitations"), "interpretation": ("11.3", "Interpretation"),
    "generalisability": ("11.4", "Generalisability"), "other_information": ("12", "Other information"),
    "conclusion": ("13", "Conclusion"), "references": ("14", "References"),
}  # fmt: skip
ABSENT: Final = object()


@dataclass(frozen=True)
class Change:
    """One change: the section of the report (number and title), the path, and what it is in words."""

    section: str
    title: str
    path: str
    words: str


def changes_between(old: Protocol, new: Protocol) -> tuple[Change, ...]:
    """Every change of a value, and of a file beside the protocol, in the order of the report's sections."""
    before, after = dict(_flat(old.values, "")), dict(_flat(new.values, ""))
    found = [
        Change(*section_of(path), path, _words(old, new, path, before.get(path, ABSENT), after.get(path, ABSENT)))
        for path in dict.fromkeys([*before, *after])
        if before.get(path, ABSENT) != after.get(path, ABSENT) and path != "study.amendments"
    ]
    files, now = digests_of(old)["files"], digests_of(new)["files"]
    found += [
        Change(*section_of(name), name, _file_words(old, new, name, files, now))
        for name in sorted(files.keys() | now.keys())
        if files.get(name) != now.get(name)
    ]
    return tuple(sorted(found, key=lambda c: (_order(c.section), c.path)))


def section_of(path: str) -> tuple[str, str]:
    """Number and title of the section in which a part of a protocol is told."""
    if path in PROSE:
        return PROSE[path]
    return next(((n, title) for start, n, title in SECTIONS if path.startswith(start)), ("9", "Research methods"))


def _order(number: str) -> tuple[int, ...]:
    digits = number.removeprefix("A")
    return (int(number.startswith("A")), *(int(part) for part in digits.split(".") if part))


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Values by path: an item of a list by its id; lists without ids, and amendments, are one value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and value and all(isinstance(v, dict) and "id" in v for v in value):
        for item in value:
            yield from _flat({k: v for k, v in item.items() if k != "id"}, f"{path}.{item['id']}")
        yield f"{path} (order)", tuple(item["id"] for item in value)
    else:
        yield path, value


def _words(old: Protocol, new: Protocol, path: str, before: Any, after: Any) -> str:
    if before is ABSENT:
        return f"{path} is new: {_short(after)}"
    if after is ABSENT:
        return f"{path} is gone; it was {_short(before)}"
    study = old.study if say_change(old.study, path, after).count(path) == 0 else new.study
    told = say_change(study, path, after)
    if path in told:  # no words of its own
        return f"{path} is {_short(after)} instead of {_short(before)}"
    return told[:1].upper() + told[1:]


def _short(value: Any) -> str:
    text = json.dumps(canonical(value), ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:120]}…"  # noqa: PLR2004 - a line of a terminal


def _file_words(old: Protocol, new: Protocol, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    if name not in before or name not in after:
        return f"{name} is {'new' if name not in before else 'gone'}"
    if name not in old.code_lists or name not in new.code_lists:
        return f"{name} has another text" if name in PROSE else f"{name} has other rows"
    rows, now = set(old.code_lists[name]), set(new.code_lists[name])
    told = [
        f"{word} {', '.join(sorted({c.code_from for c in codes}))}"
        for word, codes in (("without", rows - now), ("with", now - rows))
        if codes
    ]
    return f"{name} {' and '.join(told)}"


def in_words(old: Protocol, new: Protocol, changes: Sequence[Change]) -> Iterator[str]:
    """Changes under the sections of the report, then lines for the amendments table of the new version."""
    info, other = old.study.study, new.study.study
    yield f"{info.id} version {info.version} and {other.id} version {other.version}"
    if not changes:
        yield "The same, value by value."
        return
    last = ""
    for change in changes:
        heading = f"{change.section} {change.title}".strip()
        if heading != last:
            last = heading
            yield f"\n{heading}"
        yield f"  {change.words}"
    yield "\nFor study.amendments; date and reason are the author's:"
    number = max((a.number for a in other.amendments), default=0)
    sections = dict.fromkeys(c.section for c in changes if c.section not in ("", "5", "8"))
    for section in sections:
        number += 1
        told = "; ".join(c.words for c in changes if c.section == section)
        yield f"  - {{number: {number}, date: , section: {json.dumps(section)}, change: {_quoted(told)}, reason: }}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
