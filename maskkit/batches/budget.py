"""Local masks first; a service is paid for those that are doubtful, within a budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from maskkit.errors import PixelError

if TYPE_CHECKING:
    from maskkit.batches.journal import Journal, Known
    from maskkit.batches.tasks import Outcome, Setup, Task
    from maskkit.recipe import Recipe

__all__ = ["check", "is_doubtful", "may_buy", "settings_of", "with_service"]

SERVICE = "adobe"
_SURE = 0.5
"""A local mask of less confidence is doubtful, unless ``reject_below`` says where that begins."""


def check(setup: Setup) -> None:
    """Raises PixelError for a budget that nothing can be bought with."""
    if setup.budget is None:
        return
    from maskkit.fetch import service_is_set_up

    if setup.recipe.source != "auto" or setup.recipe.mask is not None:
        raise PixelError("budget: needs source 'auto' and no mask: local masks first, then a service")
    if setup.budget and not service_is_set_up():
        raise PixelError("budget: needs a service: set MASKKIT_STAGING and credentials, see `maskkit doctor`")


def is_doubtful(setup: Setup, task: Task, made: Outcome | Known) -> bool:
    """A local mask of this picture is less sure than it has to be, and a service may be asked.

    What was bought has no confidence, and is never doubtful.
    """
    asked = dict(task.changes).get("source", "auto") == "auto" and task.mask is None
    least = _SURE if setup.reject_below is None else setup.reject_below
    return setup.budget is not None and asked and made.confidence is not None and made.confidence < least


def may_buy(setup: Setup, task: Task, made: Outcome | Known, journal: Journal, *, dry: bool = False) -> bool:
    """It is doubtful, and an order of it is claimed already, or the budget has room for one."""
    if setup.budget is None or made.state not in ("done", "rejected") or not is_doubtful(setup, task, made):
        return False
    return journal.claim(task.name, made.content, setup.budget, dry=dry)


def with_service(recipe: Recipe) -> Recipe:
    """The recipe with the service in the place of a local engine."""
    return recipe.but(source=SERVICE, model=None)


def settings_of(setup: Setup, source: str) -> Mapping[str, Any]:
    """The settings that the engine takes; with a budget those of two are given."""
    if setup.budget is None:
        return setup.settings
    from maskkit.engines.registry import engine

    known = engine(source).settings
    return {name: value for name, value in setup.settings.items() if name in known}
