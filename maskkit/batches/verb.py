"""The verb: many pictures at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from maskkit.batches.also import several
from maskkit.batches.deciding import Again
from maskkit.batches.manifest import is_manifest
from maskkit.batches.means import Means
from maskkit.batches.objects import is_url
from maskkit.batches.planning import Places
from maskkit.batches.running import Batch, run
from maskkit.batches.showing import heard_by
from maskkit.batches.tasks import Outcome, Setup, Summary
from maskkit.checks import check_unit, check_whole
from maskkit.cutouts.verb import CutoutOptions, asked
from maskkit.errors import PixelError
from maskkit.recipe import Recipe, options_of

if TYPE_CHECKING:
    from maskkit.codec.inputs import ImageInput
    from maskkit.recipe.record import Compression, FileFormat, Fit, Hidden, Product

__all__ = ["BatchOptions", "batch", "places_of"]

Source = str | os.PathLike[str]
_AFTER = ("mask", *(options_of("picture").keys() - {"to_srgb"}), *options_of("output"))


class BatchOptions(CutoutOptions, total=False):
    """The keywords of `batch` beside its own, for type checkers: every option of a recipe."""

    mask: ImageInput | None
    trim: int | None
    trim_level: float
    canvas: tuple[int, int] | None
    position: tuple[float, float]
    scale: str | float
    backdrop: ImageInput | None
    fit: Fit
    mode: str
    opacity: float
    product: Product
    to: FileFormat | None
    quality: int | None
    lossless: bool
    compression: Compression
    hidden: Hidden


def batch(
    photos: Source | Iterable[Source],
    destination: Source,
    *,
    source: str | None = None,
    recipe: Recipe | None = None,
    masks: Source | None = None,
    workers: int | None = None,
    executor: Literal["processes", "threads"] | Executor = "processes",
    dask: str | None = None,
    force: bool = False,
    retry_failed: bool = False,
    skip_existing: bool = False,
    inspect: bool = True,
    reject_below: float | None = None,
    review: int = 0,
    budget: int | None = None,
    also: Iterable[str] = (),
    max_pixels: int = 256_000_000,
    state: Source | None = None,
    watch: bool = False,
    stopped: Callable[[], bool] | None = None,
    progress: Callable[[Outcome], object] | None = None,
    **options: Unpack[BatchOptions],
) -> Summary:
    """Many pictures, each with the bytes that ``maskkit cutout`` writes of it; one failure stops no other.

    Results are written as they are made, whole or not at all. A journal beside the destination knows what is
    done: the same call again goes on where this one ended, however it ended.

    Parameters
    ----------
    photos : path, or several
        Files, folders (with all below them, whose structure is kept), globs, and manifests: ``.csv``,
        ``.tsv``, ``.jsonl`` and ``.parquet``, with a column ``photo`` and any of ``mask``, ``output`` and the
        options of a recipe. All of these may lie in a store.
    destination : path or URL
        The folder of the outputs, here or in a store, as photos may be: ``s3://``, ``gs://``, ``az://``
        (extra ``staging``). A photo's output has its name, with the suffix of the format ``to``, or ``.png``.
    source, recipe, **options :
        As in `maskkit.cutout`, and every other option of a `Recipe`: one for all. A line of a manifest has
        the last word on its picture.
    masks : path, optional
        A folder of masks with the photos' names.
    workers : int, optional
        How many pictures are made at once; by default one a core.
    executor : str or concurrent.futures.Executor
        "processes", "threads", or an executor that is there already, a Dask client's too.
    dask : str, optional
        In its place a Dask cluster (extra ``cluster``): "local", or a scheduler's address, "tcp://10.0.0.5:8786".
        Its workers read and write the same paths as this process does.
    force, retry_failed, skip_existing : bool
        Make all again; make again what failed; leave every output that is there.
    inspect : bool
        Measure each alpha, see `maskkit.inspect`; the journal keeps the numbers.
    reject_below : float, optional
        0 to 1. A cutout whose mask has less confidence goes to ``review/`` beside the destination.
    budget : int, optional
        With source "auto": masks are made here, and at most so many orders are paid for where a mask has less
        confidence than 0.5, or than ``reject_below``. What was bought counts for good, and only once.
    review : int
        So many of the most doubtful are put on a sheet, ``review.html``.
    also : iterable of str
        More outputs of each picture, ``[NAME:][WIDTHxHEIGHT:|SIDE:][mask|COLOUR].SUFFIX``:
        "1200x1200:white.jpg", "mask.png", "thumb:200.webp".
    max_pixels : int
        A larger photo fails.
    state : path, optional
        The folder of journal, failures and review; by default the destination's name with ``.batch``, or the
        manifest's for a destination in a store.
    watch : bool
        Go on with what arrives in the folders, each photo once it is complete (extra ``watch``): until
        ``stopped`` says so, or Ctrl-C.
    stopped : callable, optional
        Asked again and again; once it gives True what runs is finished, and nothing more is begun.
    progress : callable, optional
        Hears an `Outcome` for every picture, as it ends. Without it a notebook shows a bar.

    Returns
    -------
    Summary
        Counts of what was done, rejected, kept, skipped and failed; ``ok`` if nothing failed. What failed
        stands in ``failures.jsonl`` with the reason.

    Raises
    ------
    PixelError
        For an option that does not exist or cannot be, for two photos with one output, and for a line of a
        manifest, named by its number: before anything is made.
    CodecError
        If an input is not there, or the destination cannot be written.
    MaskkitError
        If another batch is writing to the destination, or workers cannot start. MissingExtraError for
        ``dask`` without its extra.

    Examples
    --------
    >>> import maskkit, numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     maskkit.write(f"{folder}/photos.png", np.full((4, 4, 3), 9, np.uint8))
    ...     maskkit.write(f"{folder}/mask.png", np.eye(4, dtype=np.uint8) * 255)
    ...     where = f"{folder}/photos.png", f"{folder}/out"
    ...     first = batch(*where, mask=f"{folder}/mask.png", executor="threads")
    ...     again = batch(*where, mask=f"{folder}/mask.png", executor="threads")
    >>> first.done, again.kept, again.ok
    (1, 1, True)
    """
    named = {} if source is None else {"source": source}
    wanted, settings = _asked(recipe, {**options, **named})
    if reject_below is not None:
        check_unit(reject_below, "reject_below")
    places = places_of(photos, destination, masks, state)
    orders = str(places.state / "orders")
    more = several([also] if isinstance(also, str) else also, wanted)
    limit = None if budget is None else check_whole(budget, "budget", least=0)
    setup = Setup(wanted, settings, max_pixels, inspect, reject_below, limit, orders, more)
    return run(
        Batch(
            places,
            setup,
            Means(None if workers is None else check_whole(workers, "workers", least=1), executor, dask),
            Again(force, retry_failed, skip_existing),
            *heard_by(progress),
            stopped=stopped or (lambda: False),
            review=check_whole(review, "review", least=0),
            watch=watch,
        )
    )


def places_of(
    photos: Source | Iterable[Source], destination: Source, masks: Source | None, state: Source | None
) -> Places:
    """Where a batch reads and writes. Raises PixelError where no photo is named."""
    several = [photos] if isinstance(photos, (str, os.PathLike)) else list(photos)
    if not several:
        raise PixelError("photos: need at least one file, folder, glob or manifest")
    inputs, target = tuple(os.fspath(one) for one in several), os.fspath(destination)
    target = target.rstrip("/") if is_url(target) else str(Path(target))
    if state is not None and is_url(os.fspath(state)):
        raise PixelError(f"state: need a folder of this machine, got {os.fspath(state)}")
    beside = _beside(target, inputs) if state is None else Path(state)
    folder = None if masks is None else os.fspath(masks).rstrip("/")
    return Places(inputs, target, beside, folder)


def _beside(target: str, inputs: Iterable[str]) -> Path:
    """The folder of the journal: beside the destination, or the manifest where the destination is a store."""
    tables = (one for one in inputs if is_manifest(one) and not is_url(one))
    place = next(tables, None) if is_url(target) else target
    if place is None:
        raise PixelError(f"state: name a local folder for the journal of {target}")
    whole = Path(os.path.realpath(place))
    return whole.with_name(f"{whole.name}.batch")


def _asked(recipe: Recipe | None, given: Mapping[str, Any]) -> tuple[Recipe, Mapping[str, Any]]:
    """The recipe and the engine's settings, of every option that there is."""
    after = {name: value for name, value in given.items() if name in _AFTER}
    rest = {name: value for name, value in given.items() if name not in _AFTER}
    return asked("batch", (recipe or Recipe()).but(**after), rest)
