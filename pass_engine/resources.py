"""Where the folders lie that travel with the package: report templates, protocols and worked cases.

A wheel carries them as ``pass_engine/_data/<name>``; in a checkout they stand at the top level.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def find_folder(name: str) -> Path:
    """The folder ``report_templates``, ``protocols`` or ``tests/spec/cases``.

    FileNotFoundError is a fault of the package, not of a user.
    """
    package = Path(str(resources.files("pass_engine")))
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the package carries no folder {name}")
