"""Errors that people can act on.

The tree (exit code in brackets; anything else is a bug)::

    PassEngineError
    ├── ProtocolError    PE1xx [10]  the protocol, its prose or its code lists
    ├── SourceError      PE2xx [11]  a registry's folder, files or database
    ├── HarmoniseError   PE3xx [12]  mapping to the core model
    ├── MethodError      PE4xx [13]  a rule that cannot be computed on these data
    ├── DisclosureError  PE5xx [14]  something that may not cross the border
    ├── BundleError      PE6xx [15]  a bundle that does not hold together
    ├── PinError         PE7xx [16]  a digest that differs
    ├── ReportError      PE8xx [17]  a report that cannot be made
    └── TrustError       PE9xx [18]  a key, signature, release, decision or log that cannot be relied on

Every fault has five parts: where, path, found, problem, mend. No message holds a value of a person's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong: where it stands, what was found, what is the matter, how to mend it.

    ``where`` is ``file:line:column`` or a table; ``path`` the field or column concerned.
    """

    where: str
    path: str
    found: str
    problem: str
    mend: str
    code: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Five lines at most: code, where and path; then found, problem and mend."""
        head = f"{self.code} {self.where}  {self.path}".rstrip()
        return f"{head}\n  found    {self.found}\n  problem  {self.problem}\n  mend     {self.mend}"


class PassEngineError(Exception):
    """One or more faults of one family, sorted by line."""

    family: ClassVar[str] = "PE0"
    exit_code: ClassVar[int] = 1

    def __init__(self, *faults: Fault) -> None:
        """Take at least one fault of this error's family."""
        if not faults:
            raise ValueError("an error needs at least one fault")
        wrong = [f.code for f in faults if not f.code.startswith(self.family)]
        if wrong:
            raise ValueError(f"{type(self).__name__} takes codes {self.family}xx, not {', '.join(wrong)}")
        self.faults = tuple(sorted(faults, key=lambda f: (f.line, f.column, f.where, f.path, f.code)))
        super().__init__("\n\n".join(str(f) for f in self.faults))

    def __reduce__(self) -> tuple[type[PassEngineError], tuple[Fault, ...]]:
        """Made again from its faults where it comes from another process."""
        return type(self), self.faults


class ProtocolError(PassEngineError):
    """The protocol, its prose or its code lists are at fault."""

    family = "PE1"
    exit_code = 10


class SourceError(PassEngineError):
    """A registry's folder, files or database cannot be read."""

    family = "PE2"
    exit_code = 11


class HarmoniseError(PassEngineError):
    """A registry's data cannot be mapped to the core model."""

    family = "PE3"
    exit_code = 12


class MethodError(PassEngineError):
    """A rule of the protocol cannot be computed on these data."""

    family = "PE4"
    exit_code = 13


class DisclosureError(PassEngineError):
    """Something may not cross the border."""

    family = "PE5"
    exit_code = 14


class BundleError(PassEngineError):
    """A bundle or a run folder does not hold together."""

    family = "PE6"
    exit_code = 15


class PinError(PassEngineError):
    """A digest differs from the one recorded."""

    family = "PE7"
    exit_code = 16


class ReportError(PassEngineError):
    """A report cannot be made."""

    family = "PE8"
    exit_code = 17


class TrustError(PassEngineError):
    """A key, signature, release, decision or audit log cannot be relied on."""

    family = "PE9"
    exit_code = 18
