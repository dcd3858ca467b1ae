"""The command line: parse, call, print; no arithmetic. One file per command.

Exit codes: 0 done, 1 failed, 2 wrong usage. Messages go to stderr where the result goes to stdout.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import warnings
from types import FrameType
from typing import Annotated

import typer

from maskkit.cli.commands import Commands, register
from maskkit.cli.failing import UsageError, as_options, interruptible, refuse
from maskkit.cores import before_threads
from maskkit.errors import MaskkitError, MaskkitWarning

__all__ = ["app", "main"]

app = typer.Typer(
    name="maskkit",
    cls=Commands,
    help="From a photo to a finished picture: mask, matte, composite, cutout.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
register(app)


def main() -> None:
    """Run the command line; a line, notes and an exit code for every error, never a traceback."""
    end_tidily()
    light_start()
    warnings.simplefilter("ignore")
    warnings.simplefilter("always", MaskkitWarning)
    warnings.showwarning = lambda message, *_rest: _say_warning(message)
    with interruptible():
        sys.exit(_status())


def _say_warning(message: Warning | str) -> None:
    typer.echo(f"maskkit: warning: {as_options(str(message))}", err=True)


def _status() -> int:
    """Run the command; its exit code."""
    try:
        return app(prog_name="maskkit", standalone_mode=False) or 0
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes again as it ends
        return 141
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except UsageError as error:
        return refuse(error, 2, error.format_message())
    except MaskkitError as error:
        return refuse(error, 1, as_options(str(error)))
    except Exception as error:
        short = isinstance(error, MemoryError)
        unexpected = f"unexpected {type(error).__name__}; MASKKIT_DEBUG=1 shows where"
        return refuse(error, 1, "not enough memory" if short else unexpected)


def end_tidily() -> None:
    """SIGTERM and SIGHUP remove the files that are being written, as Ctrl-C does, and then end the process.

    A signal that is ignored, as under nohup, stays so.
    """
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    # nothing is raised: in the middle of an import or a destructor it would be lost, or shown
    writing = sys.modules.get("maskkit.codec.replacing")  # before it is imported nothing is unfinished
    if discard := getattr(writing, "discard_unfinished", None):
        discard()
    # of pools of processes: their semaphores would outlive the process, and Python's tracker would say so
    if release := getattr(sys.modules.get("multiprocessing.util"), "_run_finalizers", None):
        release(0)
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def light_start() -> None:
    """Settings of a process that runs one command; before NumPy is imported."""
    # BLAS starts a thread a core, which spin beside the decoders: 50 ms of processor time for small matrices
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    before_threads()
    gc.set_threshold(50_000)  # imports make objects that stay: 40 collections, 20 ms, would find nothing
    atexit.register(gc.freeze)  # nor would those at the end, 50 ms: the memory goes back as a whole


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """From a photo to a finished picture: mask, matte, composite, cutout."""
    if show:
        from maskkit import __version__

        typer.echo(f"maskkit {__version__}")
