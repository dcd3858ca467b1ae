"""``maskkit batch``: many pictures at once."""

from __future__ import annotations

import inspect
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from maskkit.cli import options
from maskkit.cli.failing import UsageError
from maskkit.cli.more import also_of
from maskkit.cli.places import source
from maskkit.cli.progress import Events, Progress, finishing
from maskkit.cli.recipe import over_file, parameters, recipe_of
from maskkit.cli.run import settings_in, shared
from maskkit.recipe import OPTIONS, Recipe

if TYPE_CHECKING:
    from maskkit.batches.running import Batch

__all__ = ["batch"]

_MANY = "Many"
_NAMES = [name for name in OPTIONS if name != "mask"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the command is given beside a recipe."""

    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SRC... DST",
            help="Photos, folders, globs, manifests, URLs of stores; and where the outputs go.",
        ),
    ] = None
    mask: Annotated[
        str | None,
        typer.Option(
            "-m", "--mask", metavar="FILE|FOLDER", rich_help_panel="Mask",
            help="A grey mask for all, or a folder, or a store's, of masks with the photos' names.",
        ),
    ] = None  # fmt: skip
    recipe: options.RecipeFile = None
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, metavar="N", help="Pictures made at once; one a core.", rich_help_panel=_MANY
        ),
    ] = None
    executor: Annotated[
        Literal["processes", "threads"],
        typer.Option("--executor", help="What makes them.", rich_help_panel=_MANY),
    ] = "processes"
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask", metavar="ADDRESS|local", rich_help_panel=_MANY,
            help="A Dask cluster makes them: tcp://HOST:PORT of its scheduler, or one on this machine.",
        ),
    ] = None  # fmt: skip
    force: Annotated[
        bool, typer.Option("--force", help="Make all again, whatever was done before.", rich_help_panel=_MANY)
    ] = False
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Make again what failed before.", rich_help_panel=_MANY)
    ] = False
    skip_existing: Annotated[
        bool,
        typer.Option("--skip-existing", help="Leave every output that is there.", rich_help_panel=_MANY),
    ] = False
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Go on with what arrives in the folders, until Ctrl-C.", rich_help_panel=_MANY
        ),
    ] = False
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be made, and bought.", rich_help_panel=_MANY),
    ] = False
    review: Annotated[
        int,
        typer.Option(
            "--review", min=0, max=1000, metavar="N", rich_help_panel=_MANY,
            help="Write a sheet of the N most doubtful.",
        ),
    ] = 0  # fmt: skip
    reject_below: Annotated[
        float | None,
        typer.Option(
            "--reject-below", min=0, max=1, metavar="CONFIDENCE", rich_help_panel=_MANY,
            help="Put what is less sure into review/ beside DST.",
        ),
    ] = None  # fmt: skip
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget", min=0, metavar="N", rich_help_panel=_MANY,
            help="Masks are made here, and N orders at most paid for the doubtful ones.",
        ),
    ] = None  # fmt: skip
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--also", metavar="OUTPUT", rich_help_panel=_MANY,
            help="One more output: 1200x1200:white.jpg, mask.png, thumb:200.webp; repeatable.",
        ),
    ] = None  # fmt: skip
    no_inspect: Annotated[
        bool, typer.Option("--no-inspect", help="Measure no outputs.", rich_help_panel=_MANY)
    ] = False
    state: Annotated[
        str | None,
        typer.Option(
            "--state", metavar="FOLDER", rich_help_panel=_MANY,
            help="Where journal, failures and review are; DST.batch.",
        ),
    ] = None  # fmt: skip
    device: options.Device = None
    offline: options.Offline = False
    max_pixels: options.MaxPixels = 256_000_000
    api: options.Api = None
    base_url: options.BaseURL = None
    staging: options.Staging = None
    deadline: options.Deadline = None
    no_cache: options.NoCache = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Report each picture as a JSON object.", rich_help_panel="Output")
    ] = False
    quiet: options.Quiet = False


def batch(**given: Any) -> None:
    """Cut out many pictures: one recipe for all, one failure stops no other, and a second run goes on.

    maskkit batch photos out

    maskkit batch "photos/**/*.jpg" out --to webp --background white --review 50

    maskkit batch orders.csv out --workers 8
    """
    asked = {name: given.pop(name) for name in _NAMES}
    how = Run(**given)
    work = _batch(recipe_of(asked), how)
    if how.dry_run:
        _forecast(work, how)
        return
    said = Events() if how.as_json else Progress(quiet=how.quiet)
    with finishing(said) as stop, said:
        from maskkit.batches.running import run

        work.counted, work.tell, work.stopped = said.counted, said.tell, stop.asked
        summary = run(work)
    said.ended(summary, work.places.state)
    failed = int(not summary.ok)
    if code := failed if how.watch else stop.code or failed:  # a signal is how a watch ends
        raise typer.Exit(code)


def _batch(recipe: Recipe, how: Run) -> Batch:
    """All that the command is asked, as one record."""
    if not how.places or len(how.places) == 1:
        raise UsageError("Missing argument 'DST': the folder of the outputs, last.")
    *photos, target = map(_place, how.places)
    from maskkit.batches.objects import is_url

    if Path(target).exists() and not Path(target).is_dir():
        raise UsageError(f"{target} is a file, and the last name is the folder of the outputs")
    from maskkit.batches.deciding import Again
    from maskkit.batches.means import Means
    from maskkit.batches.running import Batch
    from maskkit.batches.tasks import Setup
    from maskkit.batches.verb import places_of

    masks = how.mask if how.mask is not None and (Path(how.mask).is_dir() or is_url(how.mask)) else None
    wanted = over_file(how.recipe, recipe)
    if how.mask is not None and masks is None:
        wanted = wanted.but(mask=how.mask)
    places = places_of(photos, target, masks, how.state)
    orders = str(places.state / "orders")
    inspected, more = not how.no_inspect, also_of(how.also, wanted)
    setup = Setup(
        wanted, settings_in(how), how.max_pixels, inspected, how.reject_below, how.budget, orders, more
    )
    again = Again(how.force, how.retry_failed, how.skip_existing)
    return Batch(
        places, setup, Means(how.workers, how.executor, how.dask), again, review=how.review, watch=how.watch
    )


def _place(name: str) -> str:
    """A file, a folder or a store. Raises BadParameter for standard input and other URLs."""
    if name == "-":
        raise UsageError("many pictures do not come from standard input; name files, folders or a manifest")
    source(name)
    return name


def _forecast(work: Batch, how: Run) -> None:
    from maskkit.batches.forecasting import forecast

    found = forecast(work)
    if how.as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    typer.echo(f"{found.make} to make, {found.bytes / 1e6:.1f} MB of photos")
    typer.echo(f"{found.kept} done, {found.skipped} there, {found.failed} failed before")
    typer.echo(f"{found.bought} orders at most would be paid for")
    for folder, why in found.unread:
        typer.echo(f"{folder}: {why}", err=True)


_ORDER = inspect.Signature([*shared(Run), *parameters(_NAMES)])
batch.__signature__ = _ORDER  # type: ignore[attr-defined]
