"""``maskkit models``: the networks known by name, their licences, and whether their weights are here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maskkit.checks import nearest
from maskkit.cli.options import Json
from maskkit.cli.report import Facts

if TYPE_CHECKING:
    from maskkit.engines import Network

__all__ = ["models"]


def models(
    fetch: Annotated[
        str | None, typer.Option("--fetch", metavar="NAME", help="Fetch the weights of a network now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the engines, and the networks by name; fetch the weights of one.

    maskkit models

    maskkit models --fetch u2netp
    """
    from maskkit.engines import NETWORKS
    from maskkit.engines.weights import home, installed, weights

    if fetch is not None:
        if fetch not in NETWORKS:
            raise typer.BadParameter(
                f"--fetch: need one of {', '.join(NETWORKS)}, got {fetch!r}{nearest(fetch, NETWORKS)}"
            )
        typer.echo(weights(fetch, NETWORKS[fetch], fetch=True))
        return
    here = installed()
    rows = [_row(name, network, here.get(name)) for name, network in NETWORKS.items()]
    if as_json:
        typer.echo(json.dumps({"engines": _engines(), "folder": str(home()), "networks": rows}))
        return
    for row in _engines():
        needs = f" (needs {row['needs']})" if row["needs"] else ""
        typer.echo(f"  --source {row['name']:10} {row['about']}{needs}")
    for row in rows:
        typer.echo(_line(row))
    typer.echo(f"* weights are in {home()}")


def _engines() -> list[dict[str, object]]:
    """Who can make a mask: every engine of the registry, those of other packages included."""
    from maskkit.engines.registry import engines

    told = ("name", "about", "needs", "costs", "options", "settings")
    return [{key: getattr(spec, key) for key in told} for spec in engines().values()]


def _row(name: str, network: Network, path: Path | None) -> dict[str, object]:
    told = ("megabytes", "size", "mean", "std", "activation", "licence", "about", "iou")
    return {
        "name": name,
        "here": path is not None,
        "path": path and str(path),
        **{key: getattr(network, key) for key in told},
    }


def _line(row: Facts) -> str:
    measured = "not measured" if row["iou"] is None else f"IoU {row['iou']:.2f}"
    across, down = row["size"]
    return (
        f"{'*' if row['here'] else ' '} {row['name']:19} {row['megabytes']:6.1f} MB  {across:4}x{down:<4}  "
        f"{measured:12}  {row['licence']}; {row['about']}"
    )
