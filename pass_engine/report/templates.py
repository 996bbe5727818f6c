"""The templates under report_templates/: undefined names fail, everything is escaped, nothing is computed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pass_engine.resources import find_folder

if TYPE_CHECKING:
    import jinja2


@cache
def load_environment() -> jinja2.Environment:
    """The one Jinja environment of the report."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(find_folder("report_templates")),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render(name: str, **values: Any) -> str:
    """Render one template."""
    return load_environment().get_template(name).render(**values)


def template_text(name: str) -> str:
    """A file beside the templates that is no template."""
    return (find_folder("report_templates") / name).read_text(encoding="utf-8")
