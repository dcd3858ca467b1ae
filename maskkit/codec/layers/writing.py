"""Layers to a file, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from maskkit.codec.formats import LAYERED
from maskkit.codec.layers import ora, psd
from maskkit.codec.layers.record import Layered
from maskkit.codec.replacing import atomic
from maskkit.errors import CodecError

__all__ = ["layered_parts", "write_layers"]

_SUFFIXES = dict(zip(LAYERED, ("psd", "psd", "ora"), strict=True))
_MODES: dict[str, Collection[str]] = {"ora": ora.MODES, "psd": psd.MODES}


def write_layers(path: str | os.PathLike[str], made: Layered) -> None:
    """Write a .psd, .psb or .ora. Raises CodecError for another name, or what the format does not hold."""
    parts = layered_parts(made, Path(path).suffix.lower())
    with atomic(path) as temporary, temporary.open("wb") as file:
        file.writelines(parts)


def layered_parts(made: Layered, suffix: str) -> Iterator[bytes]:
    """The pieces of the file."""
    kind = _SUFFIXES.get(suffix)
    if kind is None:
        raise CodecError(f"unknown extension {suffix!r} for layers; need one of {', '.join(_SUFFIXES)}")
    for layer in made.layers:
        if layer.mode not in _MODES[kind]:
            raise CodecError(f"{kind} has no blend mode {layer.mode!r}")
    return ora.ora_parts(made) if kind == "ora" else psd.psd_parts(made)
