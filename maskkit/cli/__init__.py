"""The command line: parse, call, print; no arithmetic. One file per command.

Exit codes: 0 done, 1 failed, 2 wrong usage. Messages go to stderr where the result goes to stdout.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Annotated

import typer

from maskkit.cli.composite import composite
from maskkit.cli.cutout import cutout
from maskkit.cli.doctor import doctor
from maskkit.cli.info import info
from maskkit.cli.inspect import inspect
from maskkit.cli.mask import mask
from maskkit.cli.models import models
from maskkit.cli.serve import serve
from maskkit.cli.two_plate import two_plate
from maskkit.errors import MaskkitError, MaskkitWarning

__all__ = ["app", "main"]

app = typer.Typer(
    name="maskkit",
    help="From a photo to a finished picture: mask, matte, composite, cutout.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (mask, cutout, composite, two_plate, info, inspect):
    app.command(no_args_is_help=True)(command)
app.command(no_args_is_help=True)(serve)
app.command()(doctor)
app.command()(models)


def main() -> None:
    """Run the command line; a line, notes and an exit code for every error, never a traceback."""
    warnings.simplefilter("ignore")
    warnings.simplefilter("always", MaskkitWarning)
    warnings.showwarning = lambda message, *_rest: typer.echo(f"maskkit: warning: {message}", err=True)
    try:
        app(prog_name="maskkit")
    except MaskkitError as error:
        _fail(str(error), error)
    except KeyboardInterrupt:
        sys.exit(130)
    except MemoryError as error:
        _fail("not enough memory", error)
    except Exception as error:
        _fail(f"unexpected {type(error).__name__}; MASKKIT_DEBUG=1 shows where", error)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """From a photo to a finished picture: mask, matte, composite, cutout."""
    if show:
        from maskkit import __version__

        typer.echo(f"maskkit {__version__}")


def _fail(text: str, error: BaseException) -> None:
    if os.environ.get("MASKKIT_DEBUG"):
        raise error
    typer.echo(f"maskkit: {' '.join(text.split())}", err=True)
    for note in getattr(error, "__notes__", ()):
        typer.echo(note, err=True)
    sys.exit(1)
