"""The YAML reader: plain values with their places, and no surprises.

PyYAML parses; what it would guess (``NO``, ``010``, ``12:30``, duplicate keys, anchors) is refused here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from pass_engine.errors import Fault
from pass_engine.yamltext.places import Place, Problem, YamlText, shown_name
from pass_engine.yamltext.scalars import Trap, read_scalar

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.yamltext.places import KeyPath

UNREADABLE, SYNTAX, TRAP, UNKNOWN, DUPLICATE = 1, 2, 3, 4, 5
MAX_DEPTH = 50
Read = tuple[YamlText | None, tuple[Fault, ...]]


class UnreadableError(Exception):
    """A text that cannot be read any further."""

    def __init__(self, line: int, column: int, found: str, problem: str, mend: str, number: int = SYNTAX) -> None:
        """Where reading stopped, and why."""
        super().__init__(problem)
        self.line, self.column, self.number = line, column, number
        self.found, self.problem, self.mend = found, problem, mend


def read_yaml(path: Path, family: str) -> Read:
    """Read a file; its faults carry codes of the family (``PE1``, ``PE2``). No text, no YamlText."""
    name = shown_name(path)
    try:
        return parse_yaml(name, _read_text(path), family)
    except UnreadableError as stop:
        return None, (_stop_fault(stop, name, family),)


def parse_yaml(name: str, text: str, family: str) -> Read:
    """Read a text as ``read_yaml`` does, under a name used in messages."""
    tabs = _tab_faults(name, text, family)
    if tabs:
        return None, tabs
    try:
        loader, node = _compose(text)
        builder = _Builder(text, loader.problems)
        value = builder.build(node, ())
    except UnreadableError as stop:
        return None, (_stop_fault(stop, name, family),)
    if not isinstance(value, dict):
        empty = UnreadableError(1, 1, "no fields", "the file holds no fields", "write one field a line, as name: value")
        return None, (_stop_fault(empty, name, family),)
    document = YamlText(name, text, value, builder.keys, builder.values)
    faults = tuple(_placed_fault(document, p, place, family) for p, place in builder.problems)
    return document, tuple(sorted(faults, key=lambda f: (f.line, f.column)))


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError:
        raise UnreadableError(
            1, 1, "nothing", "the file is not there or cannot be opened", "check the name and the rights", UNREADABLE
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = raw[: bad.start].count(b"\n") + 1
        column = bad.start - raw.rfind(b"\n", 0, bad.start)
        raise UnreadableError(
            line,
            column,
            f"the byte 0x{raw[bad.start]:02x}",
            "the file is not UTF-8",
            "save it with the encoding UTF-8",
            UNREADABLE,
        ) from None
    if not text.strip():
        raise UnreadableError(
            1, 1, "nothing", "the file is empty", "write its fields, or take back an older copy", UNREADABLE
        )
    return text


def _stop_fault(stop: UnreadableError, name: str, family: str) -> Fault:
    where, code = f"{name}:{stop.line}:{stop.column}", f"{family}{stop.number:02d}"
    return Fault(where, "", stop.found, stop.problem, stop.mend, code, stop.line, stop.column)


def _placed_fault(document: YamlText, problem: Problem, place: Place, family: str) -> Fault:
    """A fault at a place that is not the one its path leads to: a field's second coming, an anchor."""
    where = f"{document.name}:{place.line}:{place.column}"
    return replace(document.fault(problem, family), where=where, line=place.line, column=place.column)


def _tab_faults(name: str, text: str, family: str) -> tuple[Fault, ...]:
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent and line.strip() and not line.lstrip().startswith("#"):
            stop = UnreadableError(
                number, indent.index("\t") + 1, "a tab", "lines are indented with spaces", "put spaces in its place"
            )
            faults.append(_stop_fault(stop, name, family))
    return tuple(faults)


class _Loader(yaml.SafeLoader):
    """PyYAML's composer, which also notes anchors, aliases and tags."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.problems: list[tuple[Problem, Place]] = []
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's parser has no types
        place = _place(event)
        if isinstance(event, yaml.AliasEvent):
            self.get_event()  # type: ignore[no-untyped-call]  # as above
            self._refuse(place, f"*{event.anchor}", "aliases are not used here", "write the value out")
            return _text_node(event)
        if getattr(event, "anchor", None):
            self._refuse(
                place, f"&{event.anchor}", "anchors are not used here", "take the anchor away and write values out"
            )
            event.anchor = None
        if getattr(event, "tag", None):
            self._refuse(
                place,
                str(event.tag).replace("tag:yaml.org,2002:", "!!"),
                "tags are not used here",
                "take the tag away; quotes make text",
            )
            event.tag = None
        return self._compose_deeper(parent, index, place)

    def _compose_deeper(self, parent: yaml.Node | None, index: Any, place: Place) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnreadableError(
                place.line, place.column, "brackets within brackets", "this is nested too deeply", "check the brackets"
            )
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refuse(self, place: Place, found: str, problem: str, mend: str) -> None:
        self.problems.append((Problem((), TRAP, problem, mend, found=found), place))


def _compose(text: str) -> tuple[_Loader, yaml.Node]:
    try:
        loader = _Loader(text)
        loader.get_event()  # type: ignore[no-untyped-call]  # as above
        if loader.check_event(yaml.StreamEndEvent):
            raise UnreadableError(
                1, 1, "only comments", "the file holds no fields", "write one field a line, as name: value"
            )
        node = loader.compose_document()
        if not loader.check_event(yaml.StreamEndEvent):
            place = _place(loader.peek_event())  # type: ignore[no-untyped-call]  # as above
            raise UnreadableError(
                place.line,
                place.column,
                "a second document (---)",
                "the file holds several documents",
                "keep one document a file",
            )
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise UnreadableError(
            line,
            column,
            f"the character U+{error.character:04X}",
            "this character cannot stand in the file",
            "take it away",
        ) from None
    if not isinstance(node, yaml.MappingNode):
        place = _place(node) if node is not None else Place(1, 1)
        raise UnreadableError(
            place.line,
            place.column,
            "no field",
            "the file must be a list of fields (name: value)",
            "begin the file with a field",
        )
    return loader, node


def _syntax_error(error: yaml.MarkedYAMLError) -> UnreadableError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = str(error.problem or error.context or "it cannot be read")
    if "'\\t'" in said:
        return UnreadableError(line, column, "a tab", "a tab cannot stand here", "put a space in its place")
    return UnreadableError(
        line,
        column,
        said,
        "this is not YAML",
        "check the indent, the colon and the quotes on this line and the one above",
    )


def _text_node(event: Any) -> yaml.ScalarNode:
    """Empty text, in the place of what could not be read."""
    return yaml.ScalarNode("", "", event.start_mark, event.end_mark, style='"')


def _place(thing: Any) -> Place:
    start, end = thing.start_mark, thing.end_mark
    return Place(start.line + 1, start.column + 1, start.index, end.index)


class _Builder:
    """Turns nodes into plain values, and notes places and what must not be written so."""

    def __init__(self, text: str, problems: list[tuple[Problem, Place]]) -> None:
        self.text = text
        self.problems = problems
        self.keys: dict[KeyPath, Place] = {}
        self.values: dict[KeyPath, Place] = {}

    def build(self, node: yaml.Node, path: KeyPath) -> object:
        self.values[path] = _trimmed(_place(node), self.text)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.build(item, (*path, number)) for number, item in enumerate(node.value))
        if not isinstance(node, yaml.ScalarNode) or node.style is not None:
            return node.value
        value = read_scalar(node.value)
        if isinstance(value, Trap):
            self.problems.append((Problem(path, TRAP, value.problem, value.mend), self.values[path]))
            return node.value
        return value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            place = _place(key_node)
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if not key or key == "<<":
                self._refuse(path, place, "a field has a name in plain text", "write name: value", TRAP)
            elif key in result:
                first = self.keys[(*path, key)].line
                self._refuse(
                    (*path, key),
                    place,
                    f"this field stands twice; the first time on line {first}",
                    "keep one of them",
                    DUPLICATE,
                )
            else:
                self.keys[(*path, key)] = place
                result[key] = self.build(value_node, (*path, key))
        return result

    def _refuse(self, path: KeyPath, place: Place, problem: str, mend: str, number: int) -> None:
        found = self.text[place.first : place.last]
        self.problems.append((Problem(path, number, problem, mend, found=f"{found}:"), place))


def _trimmed(place: Place, text: str) -> Place:
    """A block ends where its last line ends, not where the next field begins."""
    stretch = text[place.first : place.last]
    return Place(place.line, place.column, place.first, place.first + len(stretch.rstrip()))
