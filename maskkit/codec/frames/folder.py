"""A numbered folder: a file a frame, in the order of their numbers."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from maskkit.codec.formats import FORMATS, FileFormat
from maskkit.codec.frames.frame import Frame, Frames
from maskkit.codec.options import Options
from maskkit.codec.reading import read
from maskkit.codec.sources import shown
from maskkit.codec.writing import write
from maskkit.errors import CodecError

__all__ = ["is_folder", "numbered", "read_folder", "write_folder"]

_SUFFIXES = {suffix for one in FORMATS.values() if one.decoder for suffix in one.suffixes}
_NUMBER = re.compile(r"(.*?)(\d+)(\D*)", re.S)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether the path is a folder, or a pattern of the files in one."""
    text = os.fsdecode(path)
    return Path(text).is_dir() or (not Path(text).exists() and glob.has_magic(text))


def numbered(path: str | os.PathLike[str]) -> list[Path]:
    """The pictures of a folder, or of a pattern such as ``shot/frame_*.png``, in the order of their numbers.

    Raises CodecError where there is none, where several sequences lie side by side, and for a gap in the
    numbers: frames would be given their neighbours' masks.
    """
    name = shown(path)
    found = _pictures(os.fsdecode(path), name)
    ordered: dict[tuple[str, str], list[tuple[int, Path]]] = {}
    for one in found:
        parts = _NUMBER.fullmatch(one.name[: -len(one.suffix)][::-1])
        key = (parts[3][::-1], parts[1][::-1] + one.suffix) if parts else (one.name, "")
        ordered.setdefault(key, []).append((int(parts[2][::-1]) if parts else 0, one))
    if len(ordered) > 1:
        kinds = ", ".join(f"{before}*{after}" if after else before for before, after in sorted(ordered)[:3])
        raise CodecError(f"{name}: holds more than one sequence ({kinds}); give a pattern for one of them")
    frames = sorted(next(iter(ordered.values())))
    steps = {after[0] - before[0] for before, after in pairwise(frames)}
    if len(steps) > 1:
        step = min(steps)
        gap = next(before[0] + step for before, after in pairwise(frames) if after[0] - before[0] != step)
        raise CodecError(f"{name}: frame {gap} is missing")
    return [one for _, one in frames]


def _pictures(text: str, name: str) -> list[Path]:
    try:
        folder = Path(text) if Path(text).is_dir() else None
        found = list(folder.iterdir() if folder else map(Path, glob.glob(text)))  # noqa: PTH207 - absolute, too
    except (OSError, ValueError) as error:
        raise CodecError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    pictures = [one for one in found if one.suffix.lower() in _SUFFIXES and not one.name.startswith(".")]
    if not pictures:
        raise CodecError(f"{name}: holds no pictures")
    return pictures


def read_folder(path: str | os.PathLike[str], fps: Fraction, max_pixels: int) -> Frames:
    """The pictures of a numbered folder, each shown for ``1 / fps`` seconds."""
    files, seconds, name = numbered(path), 1 / fps, shown(path)
    size = read(files[0], max_pixels=max_pixels).size

    def frames() -> Iterator[Frame]:
        for file in files:
            picture = read(file, max_pixels=max_pixels)
            if picture.size != size:
                told = "{}x{} where the first has {}x{}".format(*picture.size, *size)
                raise CodecError(f"{shown(file)}: frames of different sizes: {told}")
            yield Frame(picture, seconds, file.stem)

    return Frames(name, size, frames, len(files), timed=False, tick=seconds)


def write_folder(folder: Path, frames: Iterable[Frame], kind: FileFormat, options: Options) -> None:
    """A file for each frame, under the name that it came with, or numbered from 1."""
    how = {
        "quality": options.quality, "lossless": options.lossless, "compression": options.compression,
        "bits": options.bits, "associated": options.associated,
    }  # fmt: skip
    for number, (picture, _, name) in enumerate(frames, 1):
        target = folder / f"{name or f'frame_{number:05}'}{kind.suffixes[0]}"
        write(target, picture, format=kind.name, **how)  # type: ignore[arg-type]
