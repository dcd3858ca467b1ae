"""``--source adobe`` on the commands that need a mask: the service's mask, with a progress line."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer

__all__ = ["service_mask"]


def service_mask(photo: Any, format: Any, *, dry_run: bool, **how: Any) -> Any:
    """The mask that the service makes; with ``dry_run``, say what would be sent and end."""
    from maskkit.clients import MaskClient

    with MaskClient.from_env(**how) as service:
        if dry_run:
            typer.echo(json.dumps(service.dry_run(photo, format=format), indent=2))
            raise typer.Exit
        try:
            mask = service.create_mask(photo, format=format, tell=_progress)
            return mask, f"adobe {service.service.contracts[0]}"
        finally:
            _progress("")


def _progress(words: str) -> None:
    """One line that is written over, on a terminal only."""
    if sys.stderr.isatty():
        typer.echo(f"\r\x1b[K{words}", err=True, nl=False)
