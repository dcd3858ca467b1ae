"""How far a batch is, where it is called from Python: a bar in a notebook, elsewhere nothing."""

from __future__ import annotations

from collections.abc import Callable

from maskkit.batches.tasks import Outcome
from maskkit.engines.progress import in_notebook, notebook_bar

__all__ = ["heard_by"]


def heard_by(
    progress: Callable[[Outcome], object] | None,
) -> tuple[Callable[[Outcome], object], Callable[[int], object]]:
    """What hears of each picture, and of how many there are: ``progress``, or a notebook's bar without it."""
    if progress is None and in_notebook():
        shown = _Bar()
        return shown.tell, shown.counted
    return progress or (lambda _: None), lambda _: None


class _Bar:
    """A bar that is drawn again with every hundredth of the pictures, and with each that fails."""

    def __init__(self) -> None:
        self._draw = notebook_bar("looking for pictures")
        self._count = self._ended = self._failed = 0

    def counted(self, count: int) -> None:
        self._count = count
        self._again()

    def tell(self, made: Outcome) -> None:
        before = 100 * self._ended // max(1, self._count)
        self._ended += 1
        self._failed += made.state == "failed"
        if 100 * self._ended // max(1, self._count) > before or made.state == "failed":
            self._again()

    def _again(self) -> None:
        failed = f", {self._failed} failed" if self._failed else ""
        said = f"{self._ended} of {self._count} pictures{failed}"
        self._draw(self._ended, self._count, said, said)
