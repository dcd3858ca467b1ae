"""What is said of an order that is paid for: what it would be, whom it goes to, how to go on with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from maskkit.cli.places import job_file, resuming
from maskkit.cli.report import Facts
from maskkit.keywords import Options

if TYPE_CHECKING:
    from maskkit.cli.run import Run
    from maskkit.cli.status import Status
    from maskkit.cutouts.beginning import Begun

__all__ = ["dry_run", "ordered"]


def dry_run(begun: Begun, output: str, how: Run) -> None:
    """Say what would be sent where, as JSON. Nobody is contacted, and no credentials are needed."""
    told = _facts(begun, how) if begun.plan.maker == "removebg" else _adobes(begun, how)
    typer.echo(json.dumps(told | {"output": output}, indent=2))


def _facts(begun: Begun, how: Run) -> Facts:
    from maskkit.clients.removebg import facts
    from maskkit.errors import FetchError

    try:
        return facts(begun.image, **how.settings) | {"missing": []}
    except FetchError as error:
        return {"missing": [str(error)]}


def _adobes(begun: Begun, how: Run) -> Facts:
    from maskkit.adobe.environment import settings
    from maskkit.adobe.readiness import ready
    from maskkit.adobe.service import service_of
    from maskkit.clients.plan import plan

    told = _to_service(how.settings)
    found, faults = ready(**told)
    where = found["staging"] or settings(**told).get("staging")
    facts = plan(service_of(**found), begun.image, format=begun.job.recipe.mask_type, staging=where)
    missing = [f"{fault.name}: {fault.said}; {fault.advice}" for fault in faults]
    return facts | {"missing": missing}


@contextmanager
def ordered(begun: Begun, photo: str, output: str, status: Status, how: Run) -> Iterator[Begun]:
    """The job, with a file that keeps its order until the picture is written where one is paid for."""
    if not begun.plan.costs:
        yield begun
        return
    from maskkit.clients import KeptOrder

    if begun.job.recipe.source == "auto" and not status.quiet:
        _say_who(begun)
    file = job_file(how.job, photo, output)
    with KeptOrder(file, resume=how.resume, how=f"  {resuming()}") as order:
        settings = {**begun.job.settings, "order": order, "tell": status.now}
        yield replace(begun, job=replace(begun.job, settings=settings))


def _to_service(told: Mapping[str, Any]) -> Options:
    """What of the settings is the service's: the cache is asked before it."""
    return {name: value for name, value in told.items() if name != "cache"}


def _say_who(begun: Begun) -> None:
    """Whom "auto" asks, before it is paid."""
    from maskkit.adobe.environment import settings
    from maskkit.adobe.service import service_of

    found = settings(**_to_service(begun.job.settings))
    found.pop("staging", None)
    service = service_of(**found)
    said = f"mask by {service.base_url} ({service.contracts[0]}); --source classical asks nobody"
    typer.echo(said, err=True)
