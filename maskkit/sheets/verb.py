"""Checks what a sheet is asked for, and writes it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from maskkit import codec
from maskkit.errors import CodecError, PixelError
from maskkit.sheets import html, image
from maskkit.sheets.entry import Entry, Shown, checked, shown, visible

__all__ = ["MOST", "sheet"]

# A page of 1000 has 100 MB at worst; a picture of 100 is 22,000 pixels high.
MOST = {".html": 1000, ".htm": 1000, ".png": 100}


def sheet(
    cutouts: Iterable[Any], output: str | os.PathLike[str], *, title: str = "Cutouts"
) -> tuple[Shown, ...]:
    """Write a review sheet: each cutout on white, black, magenta, grey and checkers, and its worst edges.

    An ``.html`` page is one file that needs no other, opens from disk, and takes at most 100 kB a cutout;
    J and K step through it. A ``.png`` shows the same as a picture. Edges are at 400%, with the findings of
    `maskkit.inspect`; a `Cutout` also shows its source, confidence and recipe.

    Parameters
    ----------
    cutouts : iterable of path, bytes, file, PIL.Image, Picture, (H, W, 4) array, Cutout or `sheets.Entry`
        Pictures with alpha, in the order shown; at most 1000 on a page, 100 in a picture. An
        `maskkit.sheets.Entry` adds a reason and a command line.
    output : path
        ``.html``, ``.htm`` or ``.png``. Written whole or not at all.
    title : str
        The heading.

    Returns
    -------
    tuple of Shown
        What is shown of each: ``name`` and ``found``, its `Inspection`.

    Raises
    ------
    PixelError
        There is no cutout, there are too many, or one has no alpha.
    CodecError
        A file cannot be read or written, ``output`` is one of the cutouts or has another extension.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = sheet([np.full((60, 80, 4), 255, np.uint8)], f"{folder}/sheet.html")
    >>> made[0].name, made[0].found.faults
    ('cutout 1', ('full',))
    """
    if not isinstance(output, (str, os.PathLike)):
        raise CodecError(f"output: need a path, got {type(output).__name__}")
    if not isinstance(title, str):
        raise PixelError(f"title: need text, got {type(title).__name__}")
    kind = Path(output).suffix.lower()
    if kind not in MOST:
        raise CodecError(f"output: {os.fspath(output)}: need a name that ends in .html or .png")
    entries = _entries(cutouts, MOST[kind], kind)
    _check_free(entries, output)
    writer = image if kind == ".png" else html
    with codec.atomic(output) as temporary:
        made = tuple(shown(entry, number, writer.SIDE) for number, entry in enumerate(entries, 1))
        temporary.write_bytes(writer.render(made, visible(title)))
    return made


def _check_free(entries: list[Entry], output: str | os.PathLike[str]) -> None:
    target = Path(output).resolve()
    files = (one.cutout for one in entries if isinstance(one.cutout, (str, os.PathLike)))
    for file in files:
        if Path(os.fsdecode(file)).resolve() == target:
            raise CodecError(f"output: {target.name} is one of the cutouts; name another file")


def _entries(cutouts: Any, most: int, kind: str) -> list[Entry]:
    if isinstance(cutouts, (str, bytes, os.PathLike)) or not isinstance(cutouts, Iterable):
        raise PixelError(f"cutouts: need a list of cutouts, got {type(cutouts).__name__}")
    given = list(islice(cutouts, most + 1))
    if not given:
        raise PixelError("cutouts: need at least one")
    if len(given) > most:
        raise PixelError(f"cutouts: a {kind} sheet takes at most {most}, got more; make several sheets")
    return [checked(one) for one in given]
