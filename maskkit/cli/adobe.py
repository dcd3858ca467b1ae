"""``--source adobe`` on the commands that need a mask: the service's mask, with a progress line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from maskkit.cli.jobs import check_free, keep, kept, resuming
from maskkit.errors import CodecError

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from maskkit.adobe import Job
    from maskkit.clients import MaskClient

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
    photo: Any,
    format: Any,
    *,
    file: Path,
    until: ExitStack,
    resume: bool,
    quiet: bool,
    chosen: bool,
    **how: Any,
) -> tuple[Any, str]:
    """The mask that the service makes, and who that is.

    The job is kept in ``file``, and what it needs where it was staged, until ``until`` has ended well: then
    the picture is written. ``chosen``: the service was asked for by "auto", so its name is said before it
    is paid.
    """
    from maskkit.clients import MaskClient, talks

    if not resume:
        check_free(file)
    job = kept(file) if resume else None
    tell = _progress if sys.stderr.isatty() and not quiet else _silent
    client = until.enter_context(MaskClient.from_env(**how))
    service = client.service
    if chosen and not quiet:
        said = f"mask by {service.base_url} ({service.contracts[0]}); --source classical asks nobody"
        typer.echo(said, err=True)
    common: dict[str, Any] = {"deadline": service.ends(), "tell": tell}
    prepared = photo
    try:
        if job is None:
            job, prepared = client.run(talks.start(service, photo, format=format, **common))
            _keep(file, job)
        mask = client.run(talks.finish(service, job, prepared, keep=True, **common))
    except BaseException as error:
        if getattr(error, "job", None) is not None:
            _say_how_to_go_on(error, file)
        elif job is not None:
            _over(client, job, file)
        raise
    finally:
        tell("")
    until.enter_context(_written(client, job, file))
    return mask, f"adobe {job.api}"


@contextmanager
def _written(client: MaskClient, job: Job, file: Path) -> Iterator[None]:
    """A job that is paid for is over when its picture is written, and can be gone on with until then."""
    try:
        yield
    except BaseException as error:
        _say_how_to_go_on(error, file)
        raise
    _over(client, job, file)


def _keep(file: Path, job: Job) -> None:
    try:
        keep(file, job)
    except CodecError as error:  # it is paid for already: the picture may yet find a place
        typer.echo(f"maskkit: warning: {error}", err=True)


def _over(client: MaskClient, job: Job, file: Path) -> None:
    from maskkit.adobe.flow import clear

    client.run(clear(client.service, job))
    file.unlink(missing_ok=True)


def _say_how_to_go_on(error: BaseException, file: Path) -> None:
    if file.exists():
        error.add_note(f"The job is kept in {file}. To go on with it:\n  {resuming()}")


def _silent(_: str) -> None:
    pass


def _progress(words: str) -> None:
    """One line that is written over, on a terminal only."""
    typer.echo(f"\r\x1b[K{words}", err=True, nl=False)
