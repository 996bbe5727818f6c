"""The installed engine as a wheel: its code, SQL, templates and protocols, in equal bytes for equal files.

Source of the layout: Python packaging specifications, "Binary distribution format" and "Recording installed projects".
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

from pass_engine import __version__
from pass_engine.resources import find_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

CARRIED = ("report_templates", "protocols", "tests/spec/cases")
"""Folders that travel with the package."""
NOT_CODE = ("__pycache__", "_data")
EARLIEST = (1980, 1, 1, 0, 0, 0)
DIST_INFO = f"pass_engine-{__version__}.dist-info"
WHEEL = "Wheel-Version: 1.0\nGenerator: pass_engine archive\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_wheel(folder: Path) -> str:
    """Write the wheel into a folder and give back its name."""
    name = f"pass_engine-{__version__}-py3-none-any.whl"
    files = dict(_files())
    record = "".join(f"{path},{_hash(content)},{len(content)}\n" for path, content in sorted(files.items()))
    files[f"{DIST_INFO}/RECORD"] = f"{record}{DIST_INFO}/RECORD,,\n".encode()
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(files, key=lambda p: (p.startswith(DIST_INFO), p)):
            info = zipfile.ZipInfo(path, EARLIEST)
            info.external_attr = 0o644 << 16
            out.writestr(info, files[path], zipfile.ZIP_DEFLATED)
    return name


def _files() -> Iterator[tuple[str, bytes]]:
    package = Path(str(resources.files("pass_engine")))
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if path.is_file() and not set(NOT_CODE) & set(inside.parts):
            yield f"pass_engine/{inside.as_posix()}", path.read_bytes()
    for name in CARRIED:
        folder = find_folder(name)
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            yield f"pass_engine/_data/{name}/{path.relative_to(folder).as_posix()}", path.read_bytes()
    distribution = metadata.distribution("pass_engine")
    for name in ("METADATA", "entry_points.txt", "licenses/LICENSE"):
        text = distribution.read_text(name)
        if text is not None:
            yield f"{DIST_INFO}/{name}", text.encode()
    yield f"{DIST_INFO}/WHEEL", WHEEL.encode()


def _hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
