"""``maskkit models``: the networks known by name, their licences, and whether their weights are here."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from maskkit.cli.options import Json

__all__ = ["models"]


def models(
    fetch: Annotated[
        str | None, typer.Option("--fetch", metavar="NAME", help="Fetch the weights of a network now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the networks of --source onnx, with licence and size; fetch the weights of one.

    maskkit models

    maskkit models --fetch u2netp
    """
    from maskkit.engines import NETWORKS
    from maskkit.engines.weights import home, weights

    if fetch is not None:
        if fetch not in NETWORKS:
            raise typer.BadParameter(f"--fetch: need one of {', '.join(NETWORKS)}, got {fetch!r}")
        typer.echo(f"{fetch}: {NETWORKS[fetch].licence}; from {NETWORKS[fetch].url}", err=True)
        typer.echo(weights(fetch, NETWORKS[fetch], offline=False))
        return
    rows = [
        {"name": name, "here": (home() / f"{name}.onnx").is_file(), "licence": n.licence, "about": n.about}
        for name, n in NETWORKS.items()
    ]
    if as_json:
        typer.echo(json.dumps({"folder": str(home()), "networks": rows}))
        return
    for row in rows:
        typer.echo(f"{'*' if row['here'] else ' '} {row['name']:14} {row['licence']}; {row['about']}")
    typer.echo(f"* weights are in {home()}")
