"""The commands by name: all are listed, only the one that is asked for is imported."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from maskkit.cli.grouped import Grouped

__all__ = ["Commands", "register"]

# What the list of commands says of each; a command lives in the file, and the function, of its name.
_LINES = {
    "mask": "Write the grey mask of a photo's subject.",
    "cutout": "Cut the subject out: the photo with its mask as alpha.",
    "batch": "Cut out many pictures: folders, globs, manifests.",
    "frames": "Cut out animations and videos, frame by frame.",
    "composite": "Put the subject over another backdrop.",
    "replay": "Make again what a saved recipe made.",
    "two-plate": "Cut glass, smoke and hair out, from two backdrops.",
    "info": "Say what a picture holds, or how this is built.",
    "inspect": "Measure a cutout: fringe, islands, pinholes, edge.",
    "sheet": "Write a page on which cutouts are looked at.",
    "cache": "Say what masks are kept; clear or verify them.",
    "serve": "Serve masks over HTTP.",
    "doctor": "Check what Adobe's service needs; spends no job.",
    "models": "List the networks of --source onnx; fetch weights.",
}
_NEEDS_NOTHING = ("cache", "doctor", "models")


class Commands(TyperGroup):
    """Holds a name and a line for every command, and takes up the command itself as it is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The name, the command, and the words that are left for it."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and _loaded(str(listed.name)), rest


def register(app: typer.Typer) -> None:
    """List every command in ``app``, whose class is `Commands`."""
    for name, line in _LINES.items():
        app.command(name, help=line)(_listed)


def _listed() -> None:
    """Never called: stands in the list for a command."""


def _loaded(name: str) -> Any:
    function = name.replace("-", "_")
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    command = getattr(importlib.import_module(f"maskkit.cli.{function}"), function)
    alone.command(name, cls=Grouped, no_args_is_help=name not in _NEEDS_NOTHING)(command)
    return get_command(alone)
