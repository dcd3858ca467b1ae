"""``maskkit doctor``: is everything set for Adobe's masks, and if not, what to do."""

from __future__ import annotations

import json

import typer

from maskkit.cli import options

__all__ = ["doctor"]


def doctor(
    *,
    api: options.Api = None,
    base_url: options.BaseURL = None,
    staging: options.Staging = None,
    deadline: options.Deadline = None,
    photo: options.PhotoURL = None,
    as_json: options.Json = False,
) -> None:
    """Check credentials, clock and staging area against the service, without spending a job.

    maskkit doctor

    maskkit doctor --api v1 --base-url http://127.0.0.1:8000

    maskkit doctor --photo https://my-bucket.s3.amazonaws.com/photo.jpg
    """
    from maskkit.adobe.doctor import examine
    from maskkit.adobe.readiness import ready
    from maskkit.clients import MaskClient

    found, faults = ready(api=api, base_url=base_url, staging=staging, deadline=deadline)
    with MaskClient(**found) as client:
        checks = client.run(examine(client.service, faults, photo))
    good = all(check.ok for check in checks)
    if as_json:
        typer.echo(json.dumps({"ok": good, "checks": [vars(check) for check in checks]}))
    else:
        for check in checks:
            typer.echo(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.said}")
            if check.advice:
                typer.echo(f"     to do: {check.advice}")
    if not good:
        raise typer.Exit(1)
