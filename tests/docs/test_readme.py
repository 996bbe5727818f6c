"""Do documented commands run, and do documented files and links exist?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NETWORK = (ROOT / "docs" / "network.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent

PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sample_data").rglob("*.md"))
    if not {"build", "runs"} & set(path.relative_to(ROOT).parts)
)


def documented_commands() -> list[str]:
    """Subcommands of pass-engine that the README shows, and the page on networks."""
    network = "\n".join(re.findall(r"```sh\n(.*?)```", NETWORK, flags=re.DOTALL))
    return sorted(set(re.findall(r"pass-engine ([a-z][a-z\-]*)\b", README + network)))


def known_commands() -> set[str]:
    """Subcommands that the command line knows."""
    import typer

    from pass_engine.cli import app

    return set(getattr(typer.main.get_command(app), "commands", {}))


def test_readme_and_command_line_name_the_same_commands() -> None:
    assert set(documented_commands()) == known_commands()


@pytest.mark.parametrize("name", documented_commands())
def test_documented_command_has_help(name: str) -> None:
    done = subprocess.run(
        [BIN / "pass-engine", name, "--help"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # the program of these files, wherever it is installed from
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def test_options_in_the_readme_are_known() -> None:
    done = subprocess.run(
        [BIN / "pass-engine", "run", "--help"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60, env={"COLUMNS": "200", "NO_COLOR": "1"},
    )  # fmt: skip
    used = set(re.findall(r"--[a-z\-]+", " ".join(re.findall(r"pass-engine run .*", README))))
    assert used
    assert all(option in done.stdout for option in used)


def test_make_targets_that_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z\-]*):", makefile, flags=re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"`make ([a-z\-]+)`|^make ([a-z\-]+)", text, flags=re.MULTILINE))
        assert {a or b for a, b in named} <= targets, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_registry_example_in_the_readme_loads(tmp_path: Path) -> None:
    """The registry.yaml that the README shows is a whole and valid one."""
    from pass_engine.registry import load_registry

    blocks = re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    (example,) = (block for block in blocks if block.startswith("registry:"))
    (tmp_path / "registry.yaml").write_text(example, encoding="utf-8")
    (tmp_path / "data").mkdir()
    assert load_registry(tmp_path).registry.registry.id == "dk"


def test_fault_in_the_readme_is_what_the_engine_says(tmp_path: Path) -> None:
    """The mistake that the README shows, made in a copy of the protocol, is answered in the very same words."""
    shown = re.search(r"```\n(PE104 .*?)\n```", README, flags=re.DOTALL)
    assert shown
    study = tmp_path / "protocols" / "bmsd-pass-001"
    shutil.copytree(ROOT / "protocols" / "bmsd-pass-001", study)
    text = (study / "protocol.yaml").read_text(encoding="utf-8")
    assert text.count("clean_window_days: 30") == 1
    (study / "protocol.yaml").write_text(text.replace("clean_window_days", "claen_window_days"), encoding="utf-8")
    done = subprocess.run(
        [BIN / "pass-engine", "check", "protocols/bmsd-pass-001"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stderr.strip() == shown.group(1)


def test_folders_that_pages_name_exist() -> None:
    for page in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
        named = re.findall(
            r"`((?:tests|docs|pass_engine|protocols|sample_data|report_templates|\.ci)/[\w/.-]*)`",
            (ROOT / page).read_text(encoding="utf-8"),
        )
        assert named
        assert [name for name in named if not places(name)] == [], page


def places(name: str) -> list[Path]:
    """What a page means by a name: a file, a folder, a module without its ending, or files that begin so."""
    return [*ROOT.glob(name.rstrip("/")), *ROOT.glob(f"{name}.py"), *ROOT.glob(name.replace("xx", "*"))]
