"""Write the generated pages under docs/ anew: ``make docs``. A test fails when one of them is stale.

A new page is a function without arguments that returns its whole text, and a line in ``PAGES``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from core_page import core_page  # noqa: E402 - the pages stand beside this script
from errors_page import errors_page  # noqa: E402
from indicators_page import indicators_page  # noqa: E402
from omop_page import omop_page  # noqa: E402
from protocol_page import protocol_page  # noqa: E402
from registry_page import registry_page  # noqa: E402
from rules_page import rules_csv, rules_page  # noqa: E402
from sql_page import sql_page  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES: dict[str, Callable[[], str]] = {
    "core-data-model.md": core_page,
    "errors.md": errors_page,
    "omop.md": omop_page,
    "protocol.md": protocol_page,
    "quality-indicators.md": indicators_page,
    "registry.md": registry_page,
    "rules.md": rules_page,
    "../report_templates/rules.csv": rules_csv,
    "sql.md": sql_page,
}
"""File under docs/ to the function that makes its text."""


def main() -> None:
    """Write every page that has changed."""
    for name, page in PAGES.items():
        text, path = page(), HERE / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(path.resolve().relative_to(HERE.parent).as_posix())


if __name__ == "__main__":
    main()
