"""A sequence found in whatever holds one: an animation, a numbered folder, pages, a video."""

from __future__ import annotations

import mmap
import os
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeGuard

from maskkit.checks import check_positive
from maskkit.codec.formats import FORMATS, READ, format_of
from maskkit.codec.frames.folder import is_folder, read_folder
from maskkit.codec.frames.frame import Frames
from maskkit.codec.opening import check_size
from maskkit.codec.sources import FileInput, load, shown
from maskkit.errors import CodecError

__all__ = ["FPS", "frames_of", "is_path", "sequence_in"]

FPS = Fraction(25)
"""Frames a second of what has no times."""

_SUFFIXES = {suffix for kind in FORMATS.values() for suffix in kind.suffixes}


def frames_of(source: FileInput, fps: float | Fraction | None, max_pixels: int, argument: str = "") -> Frames:
    """`read_frames`, for a verb's ``argument`` where it has more than one."""
    if fps is not None:
        check_positive(float(fps), "fps")
    rate = FPS if fps is None else Fraction(fps).limit_denominator(1001)
    if is_path(source) and is_folder(source):
        return read_folder(source, rate, max_pixels)
    content, name = _mapped(source, argument)
    kind = format_of(content)
    if kind is not None:
        return _animation(content, name, kind.name, max_pixels) or _stills(content, name, rate, max_pixels)
    if not is_path(source):
        raise CodecError(
            f"{name}: is not an image that maskkit reads ({READ}); a video is read from its path"
        )
    from maskkit.codec.frames.video import read_video

    return read_video(source, max_pixels)


def is_path(given: object) -> TypeGuard[str | os.PathLike[str]]:
    """Whether it is a path, and not what is in a file."""
    return isinstance(given, (str, os.PathLike))


def _mapped(source: FileInput, argument: str = "") -> tuple[Any, str]:
    """A file's content, of a path without reading it all, and the name that errors about it begin with."""
    if not is_path(source):
        return load(source, argument)
    try:
        with Path(source).open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), shown(source)
    except (OSError, ValueError):  # empty, a pipe, or not there, which `load` tells
        return load(source)


def _animation(content: bytes, name: str, kind: str, max_pixels: int) -> Frames | None:
    if kind == "png":
        from maskkit.codec.frames.apng import read_apng as reader
    elif kind == "webp":
        from maskkit.codec.frames.webp import read_webp as reader
    elif kind == "gif":
        from maskkit.codec.frames.gif import read_gif as reader
    else:
        return None
    found = reader(content, name)
    if found is not None:
        check_size(found.size, name, max_pixels)
    return found


def _stills(content: Any, name: str, fps: Fraction, max_pixels: int) -> Frames:
    from maskkit.codec.frames.stills import read_stills

    return read_stills(bytes(content), name, fps, max_pixels)


def sequence_in(given: object, fps: float | Fraction | None, max_pixels: int, argument: str) -> Frames | None:
    """The folder, animation or video that a path or bytes are; None of one picture and of anything else.

    >>> sequence_in("white", None, 1000, "backdrop"), sequence_in(b"words", None, 1000, "backdrop")
    (None, None)
    """
    if isinstance(given, bytes):
        found = frames_of(given, fps, max_pixels, argument) if format_of(given) else None
    else:
        found = frames_of(given, fps, max_pixels) if is_path(given) and _may_be_several(given) else None
    alone = found is not None and found.count == 1 and not (is_path(given) and is_folder(given))
    return None if alone else found


def _may_be_several(path: str | os.PathLike[str]) -> bool:
    try:
        if is_folder(path):
            return True
        if not Path(path).is_file():
            return False
    except (OSError, ValueError):
        return False
    return format_of(_mapped(path)[0]) is not None or Path(path).suffix.lower() not in _SUFFIXES
