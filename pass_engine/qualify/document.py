"""The qualification as the model that the report's PDF is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine import __version__
from pass_engine.qualify.made_of import FAIL, NOT_DONE, PASS, outcome_of
from pass_engine.report.model import (
    Bullets,
    Cell,
    Column,
    Cover,
    Facts,
    Furniture,
    Line,
    Missing,
    Paragraph,
    Report,
    Section,
    Table,
)
from pass_engine.report.notes import DIGEST_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pass_engine.qualify.write import Qualified

DOCUMENT: Final = "Qualification of the installation"
FRAME: Final = (
    (
        "This record is evidence for whoever validates a computerised system. The words are those of GAMP 5: "
        "installation qualification (IQ) asks whether what is installed is what was delivered; operational "
        "qualification (OQ) asks whether it does what it must, on this very machine."
    ),
    (
        "21 CFR Part 11 (section 11.10 a) and EU GMP Annex 11 (section 4) ask the user of a system to validate it for "
        "its intended use. This record takes part in that; it does not replace the user's own requirements, risk "
        "assessment, performance qualification, procedures and approval, and claims compliance with no regulation."
    ),
)
LIMITS: Final = (
    "Tests of the operation run the numbered SQL and the formulas installed, on made-up persons and published numbers.",
    "Expected values were worked out by hand, or come from R or a publication; each test names its source.",
    "A test that could not be done is a deviation that a person decides about.",
)
TESTS = (
    Column("Test", 0.9, numeric=False),
    Column("What, and source", 3.0, numeric=False),
    Column("Expected", 3.0, numeric=False),
    Column("Observed", 3.0, numeric=False),
    Column("Outcome", 1.0, numeric=False),
)
MATRIX = (
    Column("Requirement", 1.1, numeric=False),
    Column("Text", 4.5, numeric=False),
    Column("Tests", 2.4, numeric=False),
    Column("Outcome", 0.9, numeric=False),
)
DEVIATIONS = (
    Column("Test", 0.9, numeric=False),
    Column("Requirement", 1.1, numeric=False),
    Column("Outcome", 0.9, numeric=False),
    Column("Observed", 5.0, numeric=False),
)


def to_document(qualified: Qualified) -> Report:
    """The whole document, numbered."""
    sections = tuple(_sections(qualified))
    tables = [b for s in sections for part in (s, *s.sections) for b in part.blocks if isinstance(b, Table)]
    facts = [
        ("Result", (conclusion(qualified),)),
        ("Engine", (f"pass_engine {__version__}",)),
        ("Python", (f"{qualified.python} on {qualified.platform}",)),
        ("Digest of the installation", (qualified.digest,)),
    ]
    if qualified.date:
        facts.append(("Date", (qualified.date,)))
    return Report(
        cover=Cover(
            kind="pass_engine",
            document=DOCUMENT,
            title=f"Installation and operational qualification of pass_engine {__version__}",
            subtitle=conclusion(qualified),
            facts=Facts("What was qualified", tuple(facts)),
            holders=Facts("Frame", (("Named as the frame", ("GAMP 5", "21 CFR Part 11", "EU GMP Annex 11")),)),
        ),
        furniture=Furniture(
            study_id="pass_engine",
            document=DOCUMENT,
            version=__version__,
            iso_date=qualified.date,
            digest=qualified.digest[:DIGEST_LENGTH],
            notice="",
            draft=False,
            digest_of="installation",
        ),
        sections=sections,
        tables=tuple(tables),
        figures=(),
        authors="",
        description=f"{DOCUMENT}: requirements, tests, expected and observed values, deviations",
        keywords="qualification, IQ, OQ, validation",
        engine=__version__,
    )


def conclusion(qualified: Qualified) -> str:
    """One sentence: how many tests passed, failed and were not done."""
    passed, failed, left = (sum(t.outcome == o for t in qualified.tests) for o in (PASS, FAIL, NOT_DONE))
    parts = [f"{passed} of {len(qualified.tests)} tests passed", f"{failed} failed"]
    return ", ".join([*parts, *([f"{left} not done"] if left else [])])


def _sections(qualified: Qualified) -> Iterable[Section]:
    yield Section("1", "Purpose and frame", (*(Paragraph(text) for text in FRAME), Bullets(LIMITS)))
    lines = [(t.id, t.requirement, t.outcome, t.observed) for t in qualified.tests if t.is_deviation]
    deviations = Table("deviations", "Deviations", DEVIATIONS, _lines(lines), number="2-1",
                       empty="No test deviated from what was expected.")  # fmt: skip
    yield Section("2", "Result and deviations", (Paragraph(f"{conclusion(qualified)}."), deviations))
    matrix = (
        (r.id, r.text, _range([t.id for t in qualified.tests if t.requirement == r.id]), outcome_of(r, qualified.tests))
        for r in qualified.requirements
    )
    table = Table("matrix", "Requirements, and the tests that hold them", MATRIX, _lines(matrix), number="3-1")
    yield Section("3", "Traceability matrix", (table,))
    for number, (part, title) in enumerate((("IQ", "Installation"), ("OQ", "Operation")), 4):
        held = [r for r in qualified.requirements if r.part == part]
        parts = tuple(
            Section(f"{number}.{n}", f"{r.id}: {r.text}", (_tests(qualified, r.id, f"{number}.{n}"),))
            for n, r in enumerate(held, 1)
        )
        yield Section(str(number), f"{title}: tests", (), parts)
    packages = Facts("Packages", tuple((name, (version,)) for name, version in qualified.packages.items()), narrow=True)
    yield Section("6", "Packages installed", (packages,))
    hint = "Machine and its place in the inventory; who installed, performed and reviewed, with date and signature."
    yield Section("7", "Performed, reviewed and approved", (Missing(hint),))


def _tests(qualified: Qualified, requirement: str, number: str) -> Table:
    rows = (
        (t.id, f"{t.what}. Source: {t.source}.", t.expected, t.observed, t.outcome)
        for t in qualified.tests
        if t.requirement == requirement
    )
    return Table(f"tests-{requirement}", f"Tests of {requirement}", TESTS, _lines(rows), number=f"{number}-1",
                 empty="No test was done.")  # fmt: skip


def _range(names: list[str]) -> str:
    """The tests of a requirement, which are numbered without a gap: first to last, and how many."""
    if not names:
        return "none"
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]} ({len(names)})"


def _lines(rows: Iterable[tuple[str, ...]]) -> tuple[Line, ...]:
    return tuple(Line(tuple(Cell(text) for text in row)) for row in rows)
