"""A file, or a folder, appears whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from maskkit.errors import CodecError
from maskkit.redact import redact

__all__ = ["atomic", "atomic_folder", "discard_left", "discard_unfinished"]

_unfinished: set[Path] = set()


def _check_target(target: Path, name: str) -> None:
    if target.is_dir():
        raise CodecError(f"{name}: is a folder")
    if not target.parent.is_dir():
        raise CodecError(f"{name}: the folder does not exist")
    if not target.exists():
        return
    if not target.is_file():
        raise CodecError(f"{name}: is a device or a pipe, which cannot be replaced")
    if not os.access(target, os.W_OK):  # a rename would ask the folder's permission only
        raise CodecError(f"{name}: cannot be written: it is read-only")


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path in the folder of ``path``; rename it to ``path`` when the block ends well.

    If the block raises, the temporary file is removed and ``path`` is as it was. A symbolic link is
    followed: its target is replaced, the link stays. The file gets the permissions of a new file (umask).

    Raises
    ------
    CodecError
        The folder is missing or not writable, ``path`` is a folder, or the disk is full.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with atomic(Path(folder.name) / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> [(found.name, found.read_text()) for found in Path(folder.name).iterdir()]
    [('a.txt', 'whole')]
    >>> folder.cleanup()
    """
    name = redact(os.fsdecode(path))
    try:
        target = Path(os.path.realpath(path))
    except (OSError, ValueError):
        raise CodecError(f"{name}: not a valid path") from None
    _check_target(target, name)
    with _replacing(target, name) as temporary:
        yield temporary


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder beside ``path``; rename it to ``path`` when the block ends well.

    If the block raises, the temporary folder is removed with all in it, and ``path`` is as it was.

    Raises
    ------
    CodecError
        ``path`` is there and holds something, or the folder that it is to be in is missing or not writable.
    """
    name = redact(os.fsdecode(path))
    try:
        target = Path(os.path.realpath(path))
        taken = target.exists() and not (target.is_dir() and not any(target.iterdir()))
    except (OSError, ValueError):
        raise CodecError(f"{name}: not a valid path") from None
    if taken:
        raise CodecError(f"{name}: is there already and not empty; need the name of a new folder")
    if not target.parent.is_dir():
        raise CodecError(f"{name}: the folder that it is to be in does not exist")
    with _replacing(target, name) as temporary:
        temporary.mkdir()
        yield temporary


@contextmanager
def _replacing(target: Path, name: str) -> Iterator[Path]:
    # The name stays short whatever the target's is, so that it fits where the target fits.
    temporary = target.parent / f".{os.getpid():x}-{os.urandom(6).hex()}.part"
    _unfinished.add(temporary)
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise CodecError(f"{name}: cannot be written: {error.strerror or type(error).__name__}") from None
    finally:
        _remove(temporary)
        _unfinished.discard(temporary)


def _remove(temporary: Path) -> None:
    with suppress(OSError):
        if temporary.is_dir():
            shutil.rmtree(temporary)
        else:
            temporary.unlink(missing_ok=True)


def discard_unfinished() -> None:
    """Remove the temporary files of all `atomic` blocks, for a process that a signal is about to end."""
    for temporary in list(_unfinished):
        _remove(temporary)


def discard_left(folder: Path, killed: Mapping[int, float]) -> None:
    """Remove the temporary files that killed processes have left in a folder and below it.

    ``killed`` are the numbers of the processes and when each began, in seconds since 1970: an older file is
    that of another process, which had the number before.
    """
    for found in folder.rglob(".*-*.part"):
        number = re.fullmatch(r"\.([0-9a-f]+)-[0-9a-f]{12}\.part", found.name)
        began = killed.get(int(number[1], 16)) if number else None
        with suppress(OSError):
            if began is not None and found.stat().st_mtime >= began - 1:
                _remove(found)
