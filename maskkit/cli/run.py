"""What a command that makes one picture is given beside a recipe: files, engine settings, what is said."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from maskkit.cli import options
from maskkit.keywords import Options

__all__ = ["Run", "settings_in", "shared"]

_SETTINGS = ("device", "api", "base_url", "staging", "deadline")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the commands are given beside a recipe: files, how the engine runs, what is said."""

    photos: options.Photos = None
    output: options.Output = None
    device: options.Device = None
    offline: options.Offline = False
    layer: options.Layer = None
    max_pixels: options.MaxPixels = 256_000_000
    api: options.Api = None
    base_url: options.BaseURL = None
    staging: options.Staging = None
    deadline: options.Deadline = None
    no_cache: options.NoCache = False
    dry_run: options.DryRun = False
    job: options.JobFile = None
    resume: options.Resume = False
    skip_existing: options.SkipExisting = False
    also: options.Also = None
    save_recipe: options.SaveRecipe = None
    as_json: options.Json = False
    quiet: options.Quiet = False

    @property
    def settings(self) -> Options:
        """The engine's settings that were given."""
        return settings_in(self)

    @property
    def asks_order(self) -> bool:
        """The file of an order was named."""
        return self.resume or self.job is not None


def shared(record: type[Any] = Run) -> list[inspect.Parameter]:
    """The parameters that every one of the commands has beside its recipe's: the fields of a record."""
    hints = get_type_hints(record, include_extras=True)
    return [
        inspect.Parameter(
            one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name]
        )
        for one in fields(record)
    ]


def settings_in(how: Any) -> Options:
    """The engine's settings that were given, of what a command was given."""
    given = {name: getattr(how, name) for name in _SETTINGS if getattr(how, name) is not None}
    more = {"fetch": False} if how.offline else {}
    return {**given, **more, "cache": False} if how.no_cache else {**given, **more}
