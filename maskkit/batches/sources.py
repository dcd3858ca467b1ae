"""Photos in files, folders and globs: walked as they are asked for, never listed as a whole folder tree."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from maskkit.batches import objects
from maskkit.batches.objects import is_url
from maskkit.codec.formats import FORMATS
from maskkit.codec.sources import shown
from maskkit.errors import CodecError, PixelError

__all__ = ["SUFFIXES", "Found", "Unread", "found", "is_photo"]

Unread = Callable[[str, str], object]
SUFFIXES = tuple(suffix for one in FORMATS.values() if one.decoder for suffix in one.suffixes)
"""Of the files that are read, PNG's first."""


@dataclass(frozen=True)
class Found:
    """A photo, and its path inside the folder that was named; of an object, its stamp."""

    path: str
    relative: str
    stamp: str = ""


def is_photo(name: str) -> bool:
    """A file whose suffix is of a format that is read; hidden files are not looked at.

    >>> is_photo("a.JPG"), is_photo("notes.txt"), is_photo("._a.jpg")
    (True, False, False)
    """
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES


def found(source: str, unread: Unread, but: Collection[str] = ()) -> Iterator[Found]:
    """The photos that a file, a folder, a glob or the URL of a store names; a folder's in the order of names.

    Parameters
    ----------
    source : str
    unread : hears the path of each folder that is left out, and why.
    but : folders that are not entered, as real paths: where results go.

    Raises
    ------
    CodecError
        If there is no such file or folder, or nothing that the glob fits.
    """
    if is_url(source):
        yield from _objects(source, but)
        return
    path = Path(source)
    if path.is_dir():
        yield from _walk(source, "", unread, frozenset(but), (os.path.realpath(source),))
    elif path.exists() or not glob.has_magic(source):
        if not path.exists():
            raise CodecError(f"{shown(source)}: there is no such file or folder")
        yield Found(source, path.name)
    else:
        yield from _fitting(source, but)


def _objects(url: str, but: Collection[str]) -> Iterator[Found]:
    """An object, those below a URL, or those that a glob fits; by their paths after its fixed part."""
    base, pattern = _parted(url)
    name = url.rpartition("/")[2]
    if is_photo(name) and not (pattern and "?" in name) and (told := objects.stamp(url)):
        yield Found(url, name, told)
        return
    nothing = True
    for path, relative, told in objects.listed(base):
        parts = relative.split("/")
        result = path.startswith(tuple(f"{one}/" for one in but))
        if is_photo(parts[-1]) and not result and (not pattern or _fits(parts, pattern)):
            nothing = False
            yield Found(path, relative, told)
    if nothing:
        raise CodecError(f"{url}: there is no photo{' that it fits' if pattern else ''}")


def _parted(url: str) -> tuple[str, Sequence[str]]:
    """The URL as far as no wildcard is in it, and the parts of the glob that follow.

    >>> _parted("s3://shop/in/**/*.jpg"), _parted("s3://shop/in")
    (('s3://shop/in', ['**', '*.jpg']), ('s3://shop/in', []))
    """
    kind, _, path = url.partition("://")
    parts = path.split("/")
    fixed = next((number for number, part in enumerate(parts) if "*" in part or "[" in part), len(parts))
    if not fixed:
        raise PixelError(f"need a bucket without a wildcard, got {shown(url)}")
    return f"{kind}://{'/'.join(parts[:fixed])}", parts[fixed:]


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """A path fits a glob, part by part; ``**`` is any number of folders.

    >>> _fits(["a", "b", "1.jpg"], ["**", "*.jpg"]), _fits(["a", "1.jpg"], ["*.jpg"])
    (True, False)
    """
    if not pattern or not parts:
        return not parts and not pattern
    if pattern[0] != "**":
        return fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])
    return _fits(parts, pattern[1:]) or (len(parts) > 1 and _fits(parts[1:], pattern))


def _fitting(pattern: str, but: Collection[str]) -> Iterator[Found]:
    """Files that a glob fits, by their paths inside its longest part without a wildcard."""
    parts = Path(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    base, rest = Path(*parts[:fixed]), os.path.join(*parts[fixed:])
    nothing = True
    for path in base.glob(rest):
        if is_photo(path.name) and path.is_file() and not _inside(path, but):
            nothing = False
            yield Found(str(path), path.relative_to(base).as_posix())
    if nothing:
        raise CodecError(f"{shown(pattern)}: there is no photo that it fits")


def _inside(path: Path, folders: Collection[str]) -> bool:
    real = os.path.realpath(path)
    return any(real.startswith(os.path.join(folder, "")) for folder in folders)


def _walk(
    folder: str, inside: str, unread: Unread, but: frozenset[str], above: tuple[str, ...]
) -> Iterator[Found]:
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        unread(folder, (error.strerror or type(error).__name__).lower())
        return
    for entry in listed:
        relative = f"{inside}{entry.name}"
        if entry.name.startswith("."):
            continue
        try:
            below = entry.is_dir()
        except OSError as error:  # a link that leads to itself
            unread(entry.path, (error.strerror or type(error).__name__).lower())
            continue
        if below:
            real = os.path.realpath(entry.path)
            if real in above:
                unread(entry.path, "is a link to a folder that it lies in")
            elif real not in but:
                yield from _walk(entry.path, f"{relative}/", unread, but, (*above, real))
        elif is_photo(entry.name):
            yield Found(entry.path, relative)
