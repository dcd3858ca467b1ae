"""The most doubtful pictures on one page, each with the reason and a command line that makes it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from maskkit.batches import gate
from maskkit.batches.making import changed
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
    sheet(entries, page, title=f"{places.destination.name}: {len(entries)} that need eyes")
    return page


def _entries(setup: Setup, places: Places, doubted: Iterable[Doubted]) -> Iterator[Entry]:
    from maskkit.sheets import Entry

    for one in doubted:
        task = one.task
        if not (Path(task.output).is_file() and Path(task.photo).is_file()):
            continue
        why = gate.reason(one.confidence, one.faults), "rejected" if one.rejected else "", one.advice
        recipe = changed(setup.recipe, task)
        command = _command(task, recipe, places)
        yield Entry(_Shown(task, recipe, setup), "; ".join(filter(None, why)), command, task.name)


def _command(task: Task, recipe: Recipe, places: Places) -> str:
    """A command line that makes the picture again, with its mask, or a place for the name of a better one."""
    own = f"review/{task.name}.toml" if task.changes else "recipe.toml"
    file = places.state / own
    file.parent.mkdir(parents=True, exist_ok=True)
    save(recipe, file)
    mask = task.mask or ("MASK.png" if recipe.mask is None else None)
    words = ["maskkit", "replay", str(file), task.photo, "-o", str(places.destination / task.name)]
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

        picture = codec.read(self._task.output)
        if picture.pixels.shape[2] == 4:
            return picture
        job = Job(self._task.photo, self._task.mask, self._recipe, self._setup.settings)
        return run(begin(job)).picture
