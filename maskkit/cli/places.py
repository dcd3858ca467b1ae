"""Where pictures come from and go to: files, standard input and output, the file of a paid order."""

from __future__ import annotations

import os
import shlex
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer

from maskkit.cli.failing import UsageError

__all__ = ["check_place", "check_target", "flush", "job_file", "places", "resuming", "source", "stream"]


def places(photos: list[str] | None, output: str | None) -> tuple[str, str]:
    """The photo and where to write: ``PHOTO -o FILE``, or ``PHOTO FILE`` where that file is not there yet.

    Raises BadParameter for several photos, a folder, and a second name that would be overwritten.
    """
    if not photos:
        raise UsageError("Missing argument 'PHOTO'.")
    if len(photos) == 1 and output is not None:
        return _photo(photos[0]), output
    if len(photos) == 1:
        _photo(photos[0])
        raise UsageError("Missing option '-o' / '--output': where to write.")
    if len(photos) > 2 or output is not None:
        raise UsageError(_as_batch(photos, output))
    photo, output = photos
    if output != "-" and Path(output).exists():
        raise UsageError(
            f"{output} is there already, and a second name is where to write; "
            f"to write over it: {photo} -o {output}"
        )
    return _photo(photo), output


def _photo(name: str) -> str:
    if name != "-" and Path(name).is_dir():
        raise UsageError(f"{name} is a folder. {_as_batch([name], _after_output())}")
    return name


def _as_batch(photos: list[str], output: str | None) -> str:
    """The command line for many pictures that this one was meant to be."""
    if output is None and len(photos) > 2 and not Path(photos[-1]).is_file():
        *photos, output = photos
    verb, *words = sys.argv[1:] or ["cutout"]
    options = [word for word in words if word not in (*photos, output, "-o", "--output")]
    product = [] if verb == "cutout" else ["--product", verb]
    folder = output if output and not Path(output).suffix else "out"
    command = shlex.join(["maskkit", "batch", *photos, folder, *product, *options])
    return f"maskkit {verb} takes one photo at a time; for several, use batch: {command}"


def _after_output() -> str | None:
    """What follows ``-o`` on this command line."""
    return next((after for word, after in pairwise(sys.argv) if word in ("-o", "--output")), None)


def source(name: str) -> str | bytes:
    """A path, or all of standard input for ``-``. BadParameter for a URL: the pixels are needed here."""
    if name.lower().startswith(("https://", "http://")):
        raise typer.BadParameter("need a file, got a URL; download it first: curl URL | maskkit ... -")
    if name != "-":
        return name
    from maskkit.codec import load

    return load(sys.stdin.buffer if sys.stdin else b"", "standard input")[0]


def stream(name: str, to: str | None) -> tuple[Any, Any]:
    """The target and the format of a write: a path, or standard output for ``-``, which has no extension."""
    return (sys.stdout.buffer, to or "png") if name == "-" else (name, to)


def check_target(name: str, to: str | None = None, *, layered: bool = False) -> None:
    """Raises CodecError for a file that could not be written, before any work, or a bill, comes of it."""
    from maskkit.codec.formats import format_to_write, is_layered

    if name == "-":
        return
    if not (layered and is_layered(name)):
        format_to_write(to, name)
    check_place(name)


def check_place(name: str) -> None:
    """Raises CodecError where no file of that name could be written."""
    from maskkit.errors import CodecError

    if not Path(name).parent.is_dir():
        raise CodecError(f"{name}: cannot be written: there is no such folder")
    if Path(name).is_dir():
        raise CodecError(f"{name}: is a folder")
    if not os.access(name if Path(name).exists() else Path(name).parent, os.W_OK):
        raise CodecError(f"{name}: cannot be written: it, or its folder, is read-only")


def flush(name: str) -> None:
    """The picture is where it was to go. Raises CodecError for standard output on a disk that is full."""
    from maskkit.errors import CodecError

    if name != "-":
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes again as it ends
        raise CodecError(f"standard output: cannot be written: {error.strerror}") from None


def job_file(named: str | None, photo: str, output: str) -> Path:
    """The file that was named, else one beside the output, or with the photo's name for standard output."""
    if named is not None:
        return Path(named)
    if output != "-":
        return Path(f"{output}.job.json")
    return Path(f"{'maskkit' if photo == '-' else Path(photo).name}.job.json")


def resuming() -> str:
    """The command line, as one to paste, that goes on with the job of this one."""
    words = [word for word in sys.argv[1:] if word != "--resume"]
    return shlex.join(["maskkit", *words, "--resume"])
