"""By what a picture is known again: its files by size and time, their content and what is asked by hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from maskkit import __version__
from maskkit.batches import objects
from maskkit.batches.objects import is_url
from maskkit.recipe import Recipe, StoredPixels

if TYPE_CHECKING:
    from maskkit.batches.tasks import Setup, Task

__all__ = ["asked", "content", "files", "stamp", "stamps", "weights_of"]


def files(task: Task, recipe: Recipe) -> tuple[str, ...]:
    """The files that decide a picture's pixels beside its recipe: photo, mask, backdrop, screen."""
    named = dict(task.changes)
    words = (named.get(name, getattr(recipe, name)) for name in ("backdrop", "screen"))
    more = [one for one in words if isinstance(one, str) and os.path.isfile(one)]
    return (task.photo, *([task.mask] if task.mask else []), *more)


def stamp(path: str | os.PathLike[str]) -> str:
    """Size and time of a file, or nothing where there is none: while they stay, so does its content.

    Of an object in a store its size and ETag.
    """
    if is_url(path):
        return objects.stamp(str(path))
    try:
        told = os.stat(path)
    except (OSError, ValueError):
        return ""
    return f"{told.st_size}:{told.st_mtime_ns}:{told.st_ino}"


def stamps(paths: Iterable[str]) -> str:
    """The stamps of several files.

    >>> stamps(["missing.png"])
    ''
    """
    return " ".join(map(stamp, paths))


def content(paths: Iterable[str], read: Iterable[bytes] = ()) -> str:
    """The SHA-256 of files' own, in hexadecimal; of what is ``read`` already, first. Raises OSError.

    >>> content([], [b"photo", b"mask"]) == content([], [b"photo", b"mask"]) != content([], [b"photomask"])
    True
    """
    whole = hashlib.sha256()
    for one in read:
        whole.update(hashlib.sha256(one).digest())
    for path in paths:
        with open(path, "rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def asked(setup: Setup, task: Task, digest: str, weights: str) -> str:
    """The SHA-256 of what is asked of a picture: recipe, its own options, weights, maskkit's version.

    ``digest`` is that of the recipe all pictures have.
    """
    own = [(name, value.sha256 if isinstance(value, StoredPixels) else value) for name, value in task.changes]
    more = [__version__, digest, weights, setup.reject_below, bool(task.mask), own]
    more += [repr(setup.also)] if setup.also else []
    more += ["budget"] if setup.budget is not None else []
    return hashlib.sha256(json.dumps(more, sort_keys=True, default=str).encode()).hexdigest()


def weights_of(recipe: Recipe, fetch: bool | None = None) -> str:
    """The SHA-256 of the weights that estimates of this recipe are made with; nothing where none are.

    They are fetched here, once, where a worker each would fetch them. For ``auto`` it is no error if there
    are none: the engine without weights takes over.
    """
    if recipe.source not in ("auto", "onnx"):
        return ""
    from maskkit.engines.inference import find_network
    from maskkit.engines.weights import digest
    from maskkit.errors import FetchError

    try:
        return digest(find_network(recipe.model, fetch, insist=recipe.source == "onnx")[1])
    except FetchError:
        if recipe.source == "onnx" or recipe.model is not None:
            raise
        return ""
