"""A table of photos, one a line: CSV, TSV, JSON lines, or Parquet; read a line at a time."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from maskkit.batches import objects
from maskkit.batches.objects import is_url
from maskkit.codec.sources import shown
from maskkit.errors import CodecError, MissingExtraError, PixelError
from maskkit.keywords import check_known
from maskkit.recipe import OPTIONS, from_words
from maskkit.recipe.kinds import checked

__all__ = ["SUFFIXES", "Row", "is_manifest", "rows"]

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_FILES = ("picture", "picture or text")
_NOT_HERE = ("mask", "made")
COLUMNS = ("photo", "mask", "output", *(name for name in OPTIONS if name not in _NOT_HERE))


@dataclass(frozen=True)
class Row:
    """One line: files, where to write inside the destination, and this picture's own options."""

    photo: str
    mask: str | None
    output: str
    changes: tuple[tuple[str, Any], ...]
    place: str


def is_manifest(source: str) -> bool:
    """The name ends as a table's does.

    >>> is_manifest("photos.CSV"), is_manifest("photos.jpg")
    (True, False)
    """
    return source.lower().endswith(SUFFIXES)


def rows(path: str) -> Iterator[Row]:
    """The lines of a manifest; files in it are found from its folder. A cell that is empty says nothing.

    It may lie in a store: then photos and masks are found there, and other files by their whole paths.

    Raises
    ------
    PixelError
        For a line that is no row, names no photo, or holds an option or a value that there is not; it begins
        with the file's name and the number of the line.
    CodecError
        If the file cannot be read.
    MissingExtraError
        For Parquet without pyarrow.
    """
    name = shown(path)
    for number, cells in _lines(path, name):
        try:
            yield _row(cells, path, f"{name}, line {number}")
        except PixelError as error:
            raise PixelError(f"{name}, line {number}: {error}") from None


def _row(cells: Any, table: str, place: str) -> Row:
    if not isinstance(cells, Mapping):
        raise PixelError(f"need an object with a photo, got {type(cells).__name__}")
    given = {_column(name): value for name, value in cells.items() if value is not None and value != ""}
    check_known(given, COLUMNS, "a manifest")
    photo, mask, output = (given.pop(name, None) for name in ("photo", "mask", "output"))
    for column, value in (("photo", photo), ("mask", mask), ("output", output)):
        if value is not None and not isinstance(value, str):
            raise PixelError(f"{column}: need a file's name, got {value!r}")
    if not photo:
        raise PixelError("photo: is missing")
    changes = tuple((name, _change(name, value, table)) for name, value in sorted(given.items()))
    return Row(_beside(table, photo), mask and _beside(table, mask), output or "", changes, place)


def _column(name: Any) -> str:
    if not isinstance(name, str):
        raise PixelError("has more cells than there are columns")
    return name.strip().replace("-", "_")


def _change(name: str, value: Any, table: str) -> Any:
    """The value as it was typed, if it is one; a file by its whole path."""
    if OPTIONS[name].kind in _FILES:
        if not isinstance(value, str):
            raise PixelError(f"{name}: need text, got {value!r}")
        there = not is_url(table) and (Path(table).parent / value).is_file()
        return _beside(table, value) if there else value
    checked(from_words(value, name), name, OPTIONS[name])
    return value


def _beside(table: str, name: str) -> str:
    if is_url(name):
        return name
    if is_url(table):
        return name if Path(name).is_absolute() else objects.beside(table, name)
    return os.path.join(os.path.dirname(table), name)  # noqa: PTH118, PTH120 - a Path would take "./" and "//" away


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    return objects.downloaded(path) if is_url(path) else Path(path).open("rb")


def _lines(path: str, name: str) -> Iterator[tuple[int, Any]]:
    """The number of each line, and its cells."""
    suffix = Path(path).suffix.lower()
    try:
        with _opened(path) as file:
            if suffix == ".parquet":
                yield from _parquet(file, name)
                return
            text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
            if suffix in (".csv", ".tsv"):
                table = csv.DictReader(text, delimiter="\t" if suffix == ".tsv" else ",", strict=True)
                for cells in table:
                    yield table.line_num, cells
            else:
                yield from ((number, _object(line)) for number, line in enumerate(text, 1) if line.strip())
    except OSError as error:
        raise CodecError(f"{name}: cannot be read: {error.strerror or type(error).__name__}") from None
    except UnicodeDecodeError:
        raise CodecError(f"{name}: is not text in UTF-8") from None
    except csv.Error as error:
        raise PixelError(f"{name}, line {table.line_num}: {error}") from None


def _object(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return line  # refused where the number of the line is known


def _parquet(opened: BinaryIO, name: str) -> Iterator[tuple[int, Any]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingExtraError("parquet", "pyarrow") from None
    try:
        with parquet.ParquetFile(opened) as file:
            number = 0
            for some in file.iter_batches(batch_size=1000):
                for cells in some.to_pylist():
                    number += 1
                    yield number, cells
    except ArrowException as error:
        raise CodecError(f"{name}: is not Parquet: {' '.join(str(error).split())[:200]}") from None
