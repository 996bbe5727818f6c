"""Does the study of docs/network.md run as it is written, from keys to report?"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "network.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """A folder in which every command of the page was run in order, and all they said."""
    folder = tmp_path_factory.mktemp("walk")
    for name in ("protocols", "sample_data"):
        (folder / name).symlink_to(ROOT / name)
    with contextlib.chdir(folder):
        said = "".join(run_line(line) for line in "".join(BLOCKS).splitlines())
    yield folder / "network", said
    shutil.rmtree(folder)


def run_line(line: str) -> str:
    """What a line of the page says. The shell runs it; the engine's own commands run in this process."""
    if not line.startswith("pass-engine "):
        done = subprocess.run(["sh", "-euc", line], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout
    words, _, target = line.partition(" > ")
    said = started(shlex.split(words))
    if target:
        Path(target).write_text(said, encoding="utf-8")
    return "" if target else said


def started(words: list[str]) -> str:
    """What a command of the engine prints; it must end well."""
    from pass_engine.cli import main

    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr("sys.argv", words)
        with pytest.raises(SystemExit) as end:
            main()
    assert not end.value.code, (words, err.getvalue())
    return out.getvalue()


def rows(file):
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_study_ends_in_a_report(walked) -> None:
    network, said = walked
    assert (network / "run" / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert said.count('Good "pass_engine-') == 2


def test_participation_is_as_the_page_tells(walked) -> None:
    network, _ = walked
    told = {
        r["registry"]: (r["status"], r["decision"], r["reason"])
        for r in rows(network / "run/results/participation.csv")
    }
    assert told["dk"] == ("took part", "signed", "")
    assert told["cz"] == ("declined", "signed", "No steward this year")
    assert told["fr"] == ("did not take part", "", "no data were supplied")
    by_analysis = {
        r["analysis"]: r["status"] for r in rows(network / "run/results/contribution.csv") if r["registry"] == "se"
    }
    assert by_analysis == {"main": "contributed", "infection-ratio": "declined", "window-90": "declined"}


def test_the_page_names_every_command_of_the_network() -> None:
    import typer

    from pass_engine.cli import app

    commands = typer.main.get_command(app).commands
    others = {"archive", "disclose", "protocol"}  # of a run, and told on pages of their own
    groups = {
        f"{n} {sub}" for n, group in commands.items() if n not in others for sub in getattr(group, "commands", {})
    }
    groups -= {"registry check", "registry init", "registry unmapped"}  # of mapping, not of a network
    assert {name for name in groups if f"pass-engine {name}" not in PAGE} <= {"keys revoke"}
    assert "`keys revoke" in PAGE
