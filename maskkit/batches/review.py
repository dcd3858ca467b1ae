"""The most doubtful pictures on one page, each with the reason and a command line that makes it again."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from maskkit.batches import gate, identity
from maskkit.batches.making import came, changed
from maskkit.batches.objects import is_url
from maskkit.recipe import save

if TYPE_CHECKING:
    from maskkit.batches.journal import Doubted
    from maskkit.batches.planning import Places
    from maskkit.batches.tasks import Setup, Task
    from maskkit.codec.picture import Picture
    from maskkit.recipe import Recipe
    from maskkit.sheets import Entry

__all__ = ["SHEET", "write"]

SHEET = "review.html"


def write(setup: Setup, places: Places, doubted: Iterable[Doubted], most: int) -> Path | None:
    """Write the sheet; None, and no sheet, where nothing is doubtful."""
    from maskkit.sheets import sheet

    page = places.state / SHEET
    entries = list(islice(_entries(setup, places, doubted), most))
    if not entries:
        page.unlink(missing_ok=True)
        return None
    sheet(
        entries, page, title=f"{str(places.destination).rpartition(os.sep)[2]}: {len(entries)} that need eyes"
    )
    return page


def _entries(setup: Setup, places: Places, doubted: Iterable[Doubted]) -> Iterator[Entry]:
    from maskkit.sheets import Entry

    for one in doubted:
        task = one.task
        if not (identity.stamp(task.output) and identity.stamp(task.photo)):
            continue
        why = gate.reason(one.confidence, one.faults), "rejected" if one.rejected else "", one.advice
        recipe = changed(setup.recipe, task)
        command = _command(task, recipe, places)
        yield Entry(_Shown(task, recipe, setup), "; ".join(filter(None, why)), command, task.name)


def _command(task: Task, recipe: Recipe, places: Places) -> str:
    """A command line that makes the picture again, with its mask, or a place for the name of a better one."""
    if is_url(task.photo) or places.remote:
        return ""  # one picture is made again from a file to a file
    own = f"review/{task.name}.toml" if task.changes else "recipe.toml"
    file = places.state / own
    file.parent.mkdir(parents=True, exist_ok=True)
    save(recipe, file)
    mask = task.mask or ("MASK.png" if recipe.mask is None else None)
    words = ["maskkit", "replay", str(file), task.photo, "-o", str(Path(places.destination) / task.name)]
    return shlex.join([*words, *(["-m", mask] if mask else [])])


class _Shown:
    """A result with its alpha; made again where its file has none, and only when it is looked at."""

    def __init__(self, task: Task, recipe: Recipe, setup: Setup) -> None:
        self._task, self._recipe, self._setup = task, recipe, setup

    @property
    def picture(self) -> Picture:
        """Straight-alpha RGBA."""
        from maskkit import codec
        from maskkit.cutouts.beginning import Job, begin
        from maskkit.cutouts.running import run

        picture = codec.read(came(self._task.output)[0])
        if picture.pixels.shape[2] == 4:
            return picture
        photo, mask = came(self._task.photo)[0], self._task.mask and came(self._task.mask)[0]
        job = Job(photo, mask, self._recipe, self._setup.settings)
        return run(begin(job)).picture
