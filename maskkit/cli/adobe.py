"""``--source adobe`` on the commands that need a mask: the service's mask, with a progress line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from maskkit.cli.jobs import check_free, keep, kept, resuming

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["plan", "service_mask"]

Tell = Callable[[str], object]


def plan(photo: Any, format: Any, output: str, **how: Any) -> None:
    """Say what would be sent where, as JSON. Nobody is contacted, and no credentials are needed."""
    from maskkit.adobe.environment import settings
    from maskkit.adobe.readiness import ready
    from maskkit.adobe.service import service_of
    from maskkit.clients.plan import plan as planned

    found, faults = ready(**how)
    where = found["staging"] or settings(**how).get("staging")
    facts = planned(service_of(**found), photo, format=format, staging=where)
    missing = [f"{fault.name}: {fault.said}; {fault.advice}" for fault in faults]
    typer.echo(json.dumps(facts | {"output": output, "missing": missing}, indent=2))


def service_mask(
    photo: Any, format: Any, *, file: Path, resume: bool, quiet: bool, chosen: bool, **how: Any
) -> tuple[Any, str]:
    """The mask that the service makes, and who that is; the job is kept in ``file`` until then.

    ``chosen``: the service was asked for by "auto", so its name is said before it is paid.
    """
    from maskkit.clients import MaskClient, talks

    if not resume:
        check_free(file)
    job = kept(file) if resume else None
    tell = _progress if sys.stderr.isatty() and not quiet else _silent
    with MaskClient.from_env(**how) as client:
        service = client.service
        if chosen and not quiet:
            said = f"mask by {service.base_url} ({service.contracts[0]}); --source classical asks nobody"
            typer.echo(said, err=True)
        common: dict[str, Any] = {"deadline": service.ends(), "tell": tell}
        try:
            prepared = photo
            if job is None:
                job, prepared = client.run(talks.start(service, photo, format=format, **common))
                keep(file, job)
            mask = client.run(talks.finish(service, job, prepared, **common))
        except BaseException as error:
            _settle(file, error)
            raise
        finally:
            tell("")
    file.unlink(missing_ok=True)
    return mask, f"adobe {job.api}"


def _settle(file: Path, error: BaseException) -> None:
    """Keep a job that can be gone on with, and say how; else there is nothing to keep."""
    if getattr(error, "job", None) is None:
        file.unlink(missing_ok=True)
    elif file.exists():
        error.add_note(f"The job is kept in {file}. To go on with it:\n  {resuming()}")


def _silent(_: str) -> None:
    pass


def _progress(words: str) -> None:
    """One line that is written over, on a terminal only."""
    typer.echo(f"\r\x1b[K{words}", err=True, nl=False)
