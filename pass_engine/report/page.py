"""The report as one page for a browser: the same model as the PDF, with the rows of its results inside.

Nothing is fetched, ever: fonts and rows stand in the page, and its policy forbids the rest. Style and script are named
in that policy by their digests, so that a script that came in by any text would not run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Final

from pass_engine.report.fonts import font_inside
from pass_engine.report.page_rows import rows_as_json
from pass_engine.report.pdf import Face, in_quotes, refer
from pass_engine.report.tables.definitions import LATER
from pass_engine.report.templates import load_environment, render, template_text
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from pathlib import Path

    from markupsafe import Markup

    from pass_engine.report.model import Figure, Report
    from pass_engine.report.reading import Run

FACES: Final = (("Regular", 400, "normal"), ("It", 400, "italic"), ("Semibold", 600, "normal"))
SCRIPTED: Final = "↕↑↓"
"""Letters that the style adds to those of the page."""
TITLE: Final = re.compile(r"\s*<title>(.*?)</title>", re.DOTALL)
POLICY: Final = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def to_page(report: Report, run: Run) -> str:
    """The whole page as one text; the same report gives the same bytes."""
    from markupsafe import Markup

    environment = load_environment()
    environment.filters.update(refer=refer, live_drawing=live_drawing)
    script = template_text("page.js")
    bare = {"policy": "", "style": "", "script": "", "data": Markup("")}
    known = {"report": report, "to_be_completed": TO_BE_COMPLETED, "later": LATER}
    data = rows_as_json(report, run)
    letters = {*render("page.html.j2", **known, **bare), *script, *data, *SCRIPTED}
    faces = [Face(font_inside(name, letters), weight, style) for name, weight, style in FACES]
    style = render("page.css.j2", fonts=faces, furniture=in_quotes(report.furniture))
    page = render(
        "page.html.j2",
        **known,
        policy=POLICY.format(script=digest_of(script), style=digest_of(style)),
        style=Markup(style),  # noqa: S704  a template of ours; texts in it are quoted
        script=Markup(script),  # noqa: S704  a file of ours
        data=Markup(data),  # noqa: S704  JSON without a "<"
    )
    return page.strip() + "\n"


def write_page(report: Report, run: Run, target: Path) -> None:
    """Write the page."""
    target.write_text(to_page(report, run), encoding="utf-8", newline="\n")


def digest_of(text: str) -> str:
    """What a content security policy calls an inline text: ``sha256-`` and its digest in base64."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def live_drawing(figure: Figure) -> Markup:
    """A figure's SVG for the page: its title becomes its name, for a title would cover the values under the pointer."""
    from markupsafe import Markup, escape

    named = Markup('<svg role="img" aria-label="{}" ').format(figure.title)
    described = TITLE.sub("", figure.svg, count=1)
    return Markup(described.strip().replace("<svg ", str(named), 1) if figure.svg else escape(""))  # noqa: S704  drawn by our template
