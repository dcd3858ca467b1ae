"""The records that travel: what is to be made, how, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from maskkit.batches.also import Also, names
from maskkit.recipe import Recipe

__all__ = ["DONE", "Outcome", "Setup", "State", "Summary", "Task"]

State = Literal["done", "rejected", "failed", "kept", "skipped"]
DONE = ("done", "rejected", "kept", "skipped")


@dataclass(frozen=True)
class Setup:
    """What all pictures of a batch have in common; it travels to a worker once.

    Attributes
    ----------
    recipe : what is asked.
    settings : of the engine; they change no pixel.
    max_pixels : of a photo; a larger one is refused.
    inspected : outputs are measured.
    reject_below : the confidence under which an output goes to ``review/``.
    also : more outputs of each picture.
    budget : orders at most that are paid for where a local mask is doubtful; None for no such thing.
    orders : the folder where orders that are paid for are kept until their picture is written.
    """

    recipe: Recipe
    settings: Mapping[str, Any] = field(default_factory=dict)
    max_pixels: int = 256_000_000
    inspected: bool = True
    reject_below: float | None = None
    budget: int | None = None
    orders: str = ""
    also: tuple[Also, ...] = ()

    def outputs(self, output: str) -> list[str]:
        """The files that are written with this one: itself, then the others."""
        return names(output, self.also) if self.also else [output]


@dataclass(frozen=True)
class Task:
    """One picture to be made.

    Attributes
    ----------
    photo, mask : files; without a mask one is estimated.
    output : the file to write; ``rejected`` where it goes if the confidence in its mask is too low.
    name : the output inside the destination, as the journal knows it.
    changes : options of the recipe that are this picture's own, as they were typed.
    place : the line of the manifest, for messages.
    known : the content of its files when it was last made; the same content is not made again.
    stamp : of a photo in a store, where a listing has told it.
    buy : a service makes the mask: the local one was doubtful, and the order is claimed in the journal.
    """

    photo: str
    output: str
    name: str
    mask: str | None = None
    changes: tuple[tuple[str, Any], ...] = ()
    place: str = ""
    rejected: str = ""
    known: str = ""
    stamp: str = ""
    buy: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of one picture.

    Attributes
    ----------
    photo, output : the files.
    name : the output inside the destination.
    state : "done", "rejected" (written to ``review/``), "failed", "kept" (made before, nothing has changed)
        or "skipped" (the file was there).
    reason : why it failed.
    source, confidence, advice : of the mask, see `Cutout`.
    measures : the value of each check of `maskkit.inspect` that is about alpha; ``faults`` are those beyond
        their limits.
    doubt : how much it needs eyes; 0 is none.
    size : (width, height) of what was written.
    seconds : that it took.
    attempts : how often a worker began with it.
    bought : an order was paid for.
    warned : what maskkit warned of, such as a sample that was left out.
    weights, content, files, written : how the journal knows it again.
    """

    photo: str
    output: str
    name: str
    state: State
    reason: str = ""
    source: str = ""
    confidence: float | None = None
    advice: str = ""
    measures: Mapping[str, float | None] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    doubt: float = 0.0
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    attempts: int = 1
    bought: bool = False
    warned: tuple[str, ...] = ()
    weights: str = ""
    content: str = ""
    files: str = ""
    written: str = ""
    again: bool = False
    fatal: bool = False

    @property
    def ok(self) -> bool:
        """There is a picture."""
        return self.state in DONE


@dataclass(frozen=True)
class Summary:
    """What came of a batch.

    Attributes
    ----------
    done, rejected, failed, kept, skipped : how many pictures, by `Outcome.state`.
    left : pictures that were not begun, since the batch was stopped.
    bought : orders that were paid for.
    unread : folders that could not be read, with the reason.
    seconds : that it took.
    failures : the file that names what failed, if anything did.
    stopped : why the batch ended before its end, or nothing.
    """

    done: int = 0
    rejected: int = 0
    failed: int = 0
    kept: int = 0
    skipped: int = 0
    left: int = 0
    bought: int = 0
    unread: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    failures: str = ""
    stopped: str = ""

    @property
    def ok(self) -> bool:
        """Nothing failed, and nothing is left."""
        return not (self.failed or self.unread or self.left or self.stopped)
