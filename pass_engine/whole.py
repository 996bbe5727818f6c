"""Files and folders that are there whole or not at all, however the program ends.

What is written goes to a temporary name beside its place and is renamed at the end. What a killed program left under
such a name is taken away by the next one that writes there; a lock on the folder tells it from one still at work.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pass_engine.errors import BundleError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OWN, NEW = "pass-engine-held-", "pass-engine-new-"
"""Beginnings of the names of scratch folders: those that their program holds, and those it is just making."""


DISK = {errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EROFS}
"""What a disk says that is full, broken or not to be written to."""


class HeldError(OSError):
    """A folder that another program writes now."""

    def __init__(self) -> None:
        """Read as an error of the system is read."""
        super().__init__(None, "another command that writes it now")


def write_whole(contents: Mapping[Path, str | bytes], mode: int = 0o666, *, new: bool = False) -> None:
    """Write files; none takes its place before all are whole. Text is UTF-8 as it stands.

    Args:
        contents: what each file is to hold; they take their places in this order.
        mode: rights of the files, less what the umask takes; 0o600 is for their owner alone.
        new: a file that is there already is not replaced.

    Raises:
        OSError: also FileExistsError under ``new``.
    """
    halves = {file: file.with_name(f".{file.name}.part") for file in contents}
    try:
        for file, content in contents.items():
            halves[file].unlink(missing_ok=True)
            handle = os.open(halves[file], os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as out:
                out.write(content.encode() if isinstance(content, str) else content)
        for file, half in halves.items():
            _put_new(half, file) if new else half.replace(file)
    finally:
        for half in halves.values():
            half.unlink(missing_ok=True)


def disk_error(error: BaseException) -> BundleError | None:
    """A disk that does not take what a command writes (PE612), or None: another error of the system is a bug."""
    if not isinstance(error, HeldError) and not (isinstance(error, OSError) and error.errno in DISK):
        return None
    found = (error.strerror or "an error of the system").lower()
    problem = "a file cannot be written; those that the command had not finished are taken away"
    mend = "check the space on the disk (TMPDIR too) and the rights, then run the command again"
    return BundleError(Fault("pass-engine", "", found, problem, mend, "PE612"))


def _put_new(half: Path, file: Path) -> None:
    try:
        os.link(half, file)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        if file.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(file)) from None
        half.rename(file)


@contextmanager
def whole_folder(place: Path, mode: int = 0o755) -> Iterator[Path]:
    """A new folder that takes its ``place``, where nothing or an empty folder is, when the block ends well.

    Raises HeldError where another program writes it now, and OSError.
    """
    work = place.with_name(f".{place.name}.pass-engine-part")
    work.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if not _held(work, stack):
            raise HeldError
        try:
            for path in work.iterdir():
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            work.chmod(mode)
            yield work
            work.rename(place)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise


@contextmanager
def scratch_folder(within: Path | None = None) -> Iterator[Path]:
    """A folder for the time of a block, within another one or where TMPDIR says, for its owner alone.

    Those that killed programs left go first.
    """
    place = str(within or tempfile.gettempdir())
    clear_scratch(place)
    folder = Path(tempfile.mkdtemp(prefix=NEW, dir=place))
    with ExitStack() as stack:
        if _held(folder, stack):
            folder = folder.rename(folder.with_name(folder.name.replace(NEW, OWN, 1)))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@cache
def clear_scratch(place: str) -> None:
    """Take away scratch folders of this user that no program holds any more; once in a program."""
    for folder in Path(place).glob(f"{OWN}*"):
        with ExitStack() as stack, suppress(OSError):
            if folder.lstat().st_uid == os.getuid() and _held(folder, stack):
                shutil.rmtree(folder, ignore_errors=True)


def _held(folder: Path, stack: ExitStack) -> bool:
    """Hold a folder until the stack ends; False where another program does, or the disk knows no locks."""
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    stack.callback(os.close, handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
