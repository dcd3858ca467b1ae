"""A task to its file, by the same calls as `maskkit cutout`; runs in a worker."""

from __future__ import annotations

import errno
import os
import pickle
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maskkit.batches import budget, gate, identity, objects
from maskkit.batches.also import finish
from maskkit.batches.child import begin as begin_process
from maskkit.batches.objects import RefusedError, is_url
from maskkit.batches.tasks import Outcome, Setup, Task
from maskkit.cache import FOUND
from maskkit.errors import MaskkitError
from maskkit.hearing import overheard, sentences
from maskkit.recipe import Recipe, from_words
from maskkit.redact import redact

if TYPE_CHECKING:
    from maskkit.codec.picture import Picture
    from maskkit.cutouts import Cutout
    from maskkit.cutouts.beginning import Begun
    from maskkit.pixels import Array

__all__ = ["came", "changed", "hello", "make", "make_all", "make_known", "start"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS) if hasattr(errno, "EDQUOT") else (errno.ENOSPC, errno.EROFS)
_setup: Setup | None = None  # of a process that a batch has started


def start(threads: int, setup: bytes) -> None:
    """What a worker of a batch does first; ``setup`` is pickled, since its pixels would load NumPy."""
    global _setup  # noqa: PLW0603 - the one thing that a worker keeps
    begin_process(threads)
    _setup = pickle.loads(setup)  # noqa: S301 - from the process that started this one


def hello() -> int:
    """The worker is there; its process's number."""
    return os.getpid()


def make_known(tasks: Sequence[Task]) -> list[Outcome]:
    """`make_all` with the setup that this worker was started with."""
    if _setup is None:
        raise RuntimeError("the worker was not started by a batch")
    return make_all(_setup, tasks)


def make_all(setup: Setup, tasks: Sequence[Task]) -> list[Outcome]:
    """What comes of several tasks, in their order."""
    return [make(setup, task) for task in tasks]


def make(setup: Setup, task: Task) -> Outcome:
    """What comes of one task, with what was warned of meanwhile; whatever goes wrong is its outcome."""
    with overheard() as heard:
        made = _outcome(setup, task)
    return replace(made, warned=sentences(heard)) if heard else made


def _outcome(setup: Setup, task: Task) -> Outcome:
    started = time.perf_counter()
    try:
        made = _made(setup, task)
    except MaskkitError as error:
        made = _failed(task, redact(error), full=_is_full(error) or isinstance(error, RefusedError))
    except MemoryError:
        made = _failed(task, "not enough memory")
    except OSError as error:
        said = f"{error.filename or task.photo}: {error.strerror or type(error).__name__}"
        made = _failed(task, redact(said), full=error.errno in _FULL)
    except Exception as error:  # a fault of ours, or of an engine from elsewhere: it stops one picture only
        made = _failed(task, f"unexpected {type(error).__name__}: {redact(error)}")
    return replace(made, seconds=time.perf_counter() - started)


def changed(recipe: Recipe, task: Task) -> Recipe:
    """The recipe of one picture: that of all, with its own options."""
    return recipe.but(**{name: from_words(value, name) for name, value in task.changes})


def _failed(task: Task, said: str, *, full: bool = False) -> Outcome:
    reason = " ".join(said.split())
    return Outcome(task.photo, task.output, task.name, "failed", reason, fatal=full)


def _is_full(error: MaskkitError) -> bool:
    """The disk is full or read-only: no other picture would fare better."""
    return getattr(error.__context__, "errno", None) in _FULL


def _made(setup: Setup, task: Task) -> Outcome:
    from maskkit.codec.formats import format_to_write
    from maskkit.cutouts import rehearse

    recipe = changed(setup.recipe, task) if task.changes else setup.recipe
    inputs = identity.files(task, setup.recipe)
    if task.known and identity.content(inputs) == task.known:
        kept = identity.stamps(setup.outputs(task.output)).strip()
        kept = kept or identity.stamps(setup.outputs(task.rejected))
        return Outcome(task.photo, task.output, task.name, "kept", content=task.known, written=kept)
    held = [came(path) for path in inputs]
    before = [told for _, told in held]
    begun, content = _begun(setup, task, recipe, inputs, [one for one, _ in held])
    rehearse(begun, recipe, format_to_write(recipe.to, task.output).name)
    with _ordered(begun, setup, content) as begun:
        outcome = _written(setup, task, recipe, begun)
    if any(
        not is_url(path) and identity.stamp(path) != told for path, told in zip(inputs, before, strict=True)
    ):
        return _failed(task, f"{task.photo}: changed while it was read")
    return replace(outcome, content=content, files=" ".join(before))


def came(path: str) -> tuple[str | bytes, str]:
    """What is to be opened: the path, or what an object holds; and the stamp of that."""
    return objects.read(path) if is_url(path) else (path, identity.stamp(path))


def _begun(
    setup: Setup, task: Task, recipe: Recipe, inputs: Sequence[str], came: Sequence[str | bytes]
) -> tuple[Begun, str]:
    """The job, and what its files hold."""
    from maskkit import codec
    from maskkit.cutouts.beginning import Job, begin
    from maskkit.kernels import threads

    opened = codec.at_once if threads() == 1 else codec.ahead
    names = [path if is_url(path) else "" for path in inputs]  # what was downloaded has no name of its own
    photo = opened(came[0], setup.max_pixels, names[0])
    mask = None if task.mask is None else opened(came[1], argument=names[1])
    codec.warn_of_frames(photo, recipe.frame)
    codec.warn_of_frames(mask, recipe.mask_frame)
    source = budget.SERVICE if task.buy else recipe.source
    asked = budget.with_service(recipe) if task.buy else recipe
    told, local = budget.settings_of(setup, source), setup.budget is not None
    begun = begin(Job(photo, mask, asked, told, local=local))
    read = [one.result().content for one in (photo, mask) if one is not None]
    return begun, identity.content(inputs[len(read) :], read)


@contextmanager
def _ordered(begun: Begun, setup: Setup, content: str) -> Iterator[Begun]:
    """The job, with a file that keeps its order until the picture is written where one is paid for.

    The file has the name of the photo's content: a photo that took the place of another buys its own mask.
    """
    if not begun.plan.costs:
        yield begun
        return
    from maskkit.clients import KeptOrder

    file = Path(setup.orders) / f"{content[:32]}.{begun.plan.maker}.{begun.job.recipe.mask_type}.job.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    with KeptOrder(file, resume=file.exists(), how="  run the batch again") as order:
        yield replace(begun, job=replace(begun.job, settings={**begun.job.settings, "order": order}))


def _written(setup: Setup, task: Task, recipe: Recipe, begun: Begun) -> Outcome:
    from maskkit.cutouts import finished, size_of
    from maskkit.cutouts.running import run

    heard: list[str] = []
    made = run(begun, heard.append)
    shown = finished(made, recipe)
    measures, faults = gate.measured(made) if setup.inspected else ({}, ())
    rejected = _is_doubtful(made, setup)
    target = task.rejected if rejected else task.output
    written = list(_saved_all(setup, target, made, shown, recipe))
    return Outcome(
        task.photo,
        target,
        task.name,
        "rejected" if rejected else "done",
        source=made.source,
        confidence=made.confidence,
        advice=made.advice or "",
        measures=measures,
        faults=faults,
        doubt=gate.doubt(made.confidence, faults),
        size=size_of(shown),
        bought=begun.plan.costs and FOUND not in heard,
        weights=_weights(made),
        written=" ".join(written),
    )


def _saved_all(
    setup: Setup, target: str, made: Cutout, shown: Array | Picture, recipe: Recipe
) -> Iterator[str]:
    """Write the picture and the other outputs of it; by what each file is known again."""
    first, *others = setup.outputs(target)
    yield _saved(first, shown, recipe.to, recipe)
    for file, one in zip(others, setup.also, strict=True):
        more, own = finish(made, recipe, one)
        yield _saved(file, more, one.to, own)


def _saved(file: str, picture: Array | Picture, to: str | None, recipe: Recipe) -> str:
    """Write a picture, whole or not at all, and say by what the file is known again."""
    from maskkit import codec
    from maskkit.codec.formats import format_to_write
    from maskkit.cutouts import encoding

    named: Any = format_to_write(to, file).name
    if is_url(file):
        return objects.write(file, codec.encode(picture, named, **encoding(recipe)))
    folder = Path(file).parent
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
    codec.write(file, picture, format=named, **encoding(recipe))
    return identity.stamp(file)


def _is_doubtful(made: Cutout, setup: Setup) -> bool:
    least = setup.reject_below
    return least is not None and made.confidence is not None and made.confidence < least


def _weights(made: Cutout) -> str:
    return (made.made.weights if made.made else None) or ""
