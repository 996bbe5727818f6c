"""Is what is written there whole or not at all, and is what a killed program left taken away, and nothing else?"""

from __future__ import annotations

import os
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pass_engine.audit import append_entry, head_of
from pass_engine.errors import TrustError
from pass_engine.network.places import new_folder, pack
from pass_engine.whole import OWN, HeldError, clear_scratch, disk_error, scratch_folder, whole_folder, write_whole
from tests.e2e.networked import DAY

HOLD = """
import sys
from pathlib import Path
from pass_engine.whole import {name}
with {name}({given}) as folder:
    (Path(folder) / "rows.csv").write_text("half")
    print(folder, flush=True)
    sys.stdin.read()
"""


def with_largest_file(size: int, act):
    """Do something while no file may grow beyond a size, as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        return act()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def holding(name: str, given: str, place: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that is inside such a block, and the folder it writes."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(name=name, given=given)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(place)},
    )  # fmt: skip
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=60)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_both_files_or_none(tmp_path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    write_whole({first: "old\n"})
    with pytest.raises(OSError, match="too large"):
        with_largest_file(100, lambda: write_whole({first: "new\n", second: b"x" * 200}))
    assert names(tmp_path) == ["a"]
    assert first.read_text(encoding="utf-8") == "old\n"
    (tmp_path / ".b.part").write_bytes(b"of a program that was killed")
    write_whole({first: "new\n", second: b"x" * 200})
    assert names(tmp_path) == ["a", "b"]


def test_a_file_that_is_there_stays_where_a_new_one_is_asked_for(tmp_path) -> None:
    file = tmp_path / "key"
    write_whole({file: "one"}, 0o600, new=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_whole({file: "two"}, 0o600, new=True)
    assert (names(tmp_path), file.read_text(encoding="utf-8")) == (["key"], "one")


def test_the_same_on_a_disk_without_links(tmp_path, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    write_whole({tmp_path / "key": "one"}, new=True)
    with pytest.raises(FileExistsError):
        write_whole({tmp_path / "key": "two"}, new=True)
    assert (tmp_path / "key").read_text(encoding="utf-8") == "one"


def test_a_folder_that_was_killed_is_not_there_and_the_next_one_is_whole(tmp_path) -> None:
    process, work = holding("whole_folder", f"Path({str(tmp_path / 'out')!r})", tmp_path)
    assert names(tmp_path) == [work.name] == [".out.pass-engine-part"]
    with pytest.raises(HeldError), whole_folder(tmp_path / "out"):
        pass
    assert (work / "rows.csv").is_file(), "what another program writes now is left alone"
    with pytest.raises(TrustError) as caught, new_folder(tmp_path / "out"):
        pass
    assert str(caught.value).splitlines()[1:] == [
        "  found    another command that writes it now",
        "  problem  the folder cannot be written",
        "  mend     check the name, the rights and the space on the disk",
    ]
    end(process)
    assert not (tmp_path / "out").exists()
    with whole_folder(tmp_path / "out") as again:
        assert names(again) == []
        (again / "new").touch()
    assert [names(tmp_path), names(tmp_path / "out")] == [["out"], ["new"]]


def test_scratch_of_killed_programs_goes_and_that_of_others_stays(tmp_path, monkeypatch) -> None:
    left, there = holding("scratch_folder", "", tmp_path)
    assert stat.S_IMODE(there.stat().st_mode) == 0o700
    at_work, held = holding("scratch_folder", "", tmp_path)
    end(left)
    (tmp_path / "another").mkdir()
    assert (there / "rows.csv").is_file()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    clear_scratch.cache_clear()
    with scratch_folder() as own:
        assert own.name.startswith(OWN)
        assert names(tmp_path) == sorted(["another", held.name, own.name])
        assert (held / "rows.csv").is_file()
    end(at_work)
    clear_scratch.cache_clear()
    clear_scratch(str(tmp_path))
    assert names(tmp_path) == ["another"]


def test_an_archive_is_whole_or_the_earlier_one_stays(tmp_path) -> None:
    folder = tmp_path / "aa"
    folder.mkdir()
    (folder / "counts.csv").write_text("n\n1\n", encoding="utf-8")
    before = pack(folder).read_bytes()
    (folder / "counts.csv").write_text("n\n" + "1\n" * 5000, encoding="utf-8")
    with pytest.raises(TrustError) as caught:
        with_largest_file(5000, lambda: pack(folder))
    assert str(caught.value).splitlines()[1:] == [
        "  found    file too large",
        "  problem  the archive cannot be written; the folder is whole",
        "  mend     make room, or send the folder as it is",
    ]
    assert (names(tmp_path), (tmp_path / "aa.zip").read_bytes()) == (["aa", "aa.zip"], before)


def test_a_line_of_the_audit_log_is_there_with_its_head_or_not_at_all(tmp_path) -> None:
    log, facts = tmp_path / "audit.jsonl", {"registry": "aa"}
    for act in ("run", "review"):
        append_entry(log, moment(), act, facts)
    before = log.read_bytes()
    with pytest.raises(OSError, match=r"No space|too large"):
        with_largest_file(len(before) + 20, lambda: append_entry(log, moment(), "approval", facts))
    assert log.read_bytes() == before
    head = (tmp_path / "audit.jsonl.head").read_bytes()
    assert append_entry(log, moment(), "approval", facts).lines == 3
    (tmp_path / "audit.jsonl.head").write_bytes(head)  # killed between the line and its head
    assert head_of(log).lines == 3
    assert append_entry(log, moment(), "run", facts).lines == 4
    (tmp_path / "audit.jsonl.head").write_bytes(head)
    with pytest.raises(TrustError, match="PE923"):
        head_of(log)


def moment():
    import datetime as dt

    return dt.datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=dt.UTC)


def test_other_errors_of_the_system_are_bugs() -> None:
    assert disk_error(FileNotFoundError(2, "No such file or directory")) is None
    assert disk_error(ValueError("x")) is None


@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare is not installed")
def test_a_disk_that_is_full(tmp_path) -> None:
    """A disk of 300 kB, seen by one process alone: what is told, and what is left on it."""
    program = "from pass_engine.cli import main; main()"
    script = (
        "mount -t tmpfs -o size=300k tmpfs disk && head -c 290000 /dev/zero > disk/other || exit 99; "
        f'{sys.executable} -c "{program}" keys trust disk/trust key.pub --as aa --from 2026-01-01; '
        "echo code $?; ls -A disk"
    )
    (tmp_path / "disk").mkdir()
    write_whole({tmp_path / "key.pub": f"ssh-ed25519 {KEY} {'x' * 9}\n"})
    filled = script.replace("290000", "307200")
    done = [
        subprocess.run(
            ["unshare", "-m", "sh", "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        for text in (script, filled)
    ]
    if done[0].returncode == 99 or "unshare" in done[0].stderr:
        pytest.skip("a disk cannot be made here")
    assert done[0].stdout.endswith("code 0\nother\ntrust\n")
    assert done[1].stdout == "code 15\nother\n"
    assert done[1].stderr == (
        "PE612 pass-engine\n"
        "  found    no space left on device\n"
        "  problem  a file cannot be written; those that the command had not finished are taken away\n"
        "  mend     check the space on the disk (TMPDIR too) and the rights, then run the command again\n"
    )


KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
