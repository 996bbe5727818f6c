"""Where the benchmark finds and leaves its files."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
STUDY = HERE / "study" / "protocol.yaml"
EXAMPLE = ROOT / "protocols" / "bmsd-pass-001"
BUILD = ROOT / "build" / "bench"
POLARS_PYTHON = BUILD / "venv" / "bin" / "python"
