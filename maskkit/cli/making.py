"""What ``mask``, ``cutout``, ``composite`` and ``replay`` share: from a photo and options to a file."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from maskkit.cli import options
from maskkit.cli.failing import UsageError
from maskkit.cli.more import Written, also_of, write_also
from maskkit.cli.orders import dry_run, ordered
from maskkit.cli.places import check_place, check_target, flush, places, source, stream
from maskkit.cli.recipe import option_of, parameters, recipe_of
from maskkit.cli.report import report, tell_frames
from maskkit.cli.run import Run, shared
from maskkit.cli.status import Status
from maskkit.errors import PixelError
from maskkit.recipe import Environment, Facts, Recipe, options_of, resolve, save

if TYPE_CHECKING:
    from maskkit.cutouts import Cutout
    from maskkit.cutouts.beginning import Begun

__all__ = ["make", "making", "usage"]

Product = Literal["mask", "cutout", "composite"]
_OLD_MASK_TYPE = inspect.Parameter(
    "format", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=options.OldMaskType
)
_MASK_AND_EDGE = (*options_of("mask"), *options_of("edge"))


def making(product: Product, names: Iterable[str], *, required: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Turn a function that has a docstring alone into the command that makes ``product``.

    ``names`` are the recipe's options that it takes beside those of the mask and its edge.
    """

    def command(described: Callable[[], None]) -> Callable[..., None]:
        taken = [*_MASK_AND_EDGE, *names]

        def run(**given: Any) -> None:
            asked = {name: given.pop(name) for name in taken}
            asked["mask_type"] = options.mask_type(asked["mask_type"], given.pop("format"))
            for name in required:
                if asked[name] is None and not (name == "backdrop" and asked.get("preset")):
                    raise UsageError(f"Missing option '{option_of(name)}'.")
            mask = asked.pop("mask")
            make(recipe_of(asked, product=product), mask, Run(**given))

        run.__signature__ = inspect.Signature([*shared(), _OLD_MASK_TYPE, *parameters(taken)])  # type: ignore[attr-defined]
        run.__doc__, run.__name__ = described.__doc__, described.__name__
        return run

    return command


def make(recipe: Recipe, mask: str | None, how: Run) -> None:
    """Run a command to its end: the picture written, the recipe saved, the report printed."""
    started = time.perf_counter()
    photo, output = places(how.photos, how.output)
    if how.skip_existing and output != "-" and Path(output).exists():
        report(Written(output, None, None), None, started, as_json=how.as_json, quiet=how.quiet)
        return
    check_target(output, recipe.to, layered=recipe.product != "mask" and recipe.to is None)
    if how.save_recipe is not None:
        check_place(str(how.save_recipe))
    more = also_of(how.also, recipe)
    if more and output == "-":
        raise UsageError("--also needs a file with -o: its name is what the others are called by")
    with Status(quiet=how.quiet or how.as_json) as status:
        begun = _begun(photo, mask, recipe, how)
        if how.dry_run:
            dry_run(begun, output, how)
            return
        _rehearse(begun, recipe, output)
        with ordered(begun, photo, output, status, how) as begun:
            main, made = _made(begun, recipe, output, status)
            others = write_also(made, recipe, output, more)
            if how.save_recipe is not None:
                save(made.recipe, how.save_recipe)
    report(main, made, started, others=others, as_json=how.as_json, quiet=how.quiet)


def _rehearse(begun: Begun, recipe: Recipe, output: str) -> None:
    """Refuse what would be refused after an order, the file's format too."""
    from maskkit.codec.formats import format_to_write, is_layered
    from maskkit.cutouts import rehearse

    known = recipe.to is not None or not (output == "-" or is_layered(output))
    rehearse(begun, recipe, format_to_write(recipe.to, output).name if known else None)


def _made(begun: Begun, recipe: Recipe, output: str, status: Status) -> tuple[Written, Cutout]:
    from maskkit.cutouts import tell_differences
    from maskkit.cutouts.kept import Kept
    from maskkit.cutouts.running import follow, tell_flat

    made, flat = follow(begun, status.tell, Kept())
    tell_differences(recipe.made, made.made)
    status.tell("making the picture")
    main = _written(made, recipe, output, status)
    tell_flat(flat)  # not where that ends in a refusal, which says why
    return main, made


def _written(made: Cutout, recipe: Recipe, output: str, status: Status) -> Written:
    from maskkit import codec
    from maskkit.codec.formats import is_layered
    from maskkit.cutouts import encoding, finish, layers_of

    if is_layered(output):
        from maskkit.codec.layers import write_layers

        layered = layers_of(made, recipe)
        write_layers(output, layered)
        return Written(output, layered.whole, None)
    shown, where = finish(made, recipe)
    status.tell("writing the file")
    target, named = stream(output, recipe.to)
    codec.write(target, shown, format=named, **encoding(recipe))
    flush(output)
    return Written(output, shown, where)


def _begun(photo: str, mask: str | None, recipe: Recipe, how: Run) -> Begun:
    if how.layer is not None:
        return _of_layer(photo, how.layer, mask, recipe, how)
    _check(recipe, how, masked=mask is not None or recipe.has_mask)
    from maskkit import codec

    seen = codec.ahead(source(photo), how.max_pixels)
    given = None if mask is None else codec.ahead(source(mask))
    from maskkit.cutouts.beginning import Job, begin  # and NumPy, while both are decoded

    tell_frames(seen, "the photo", recipe.frame, quiet=how.quiet)
    if given is not None:
        tell_frames(given, "the mask", recipe.mask_frame, quiet=how.quiet)
    begun = begin(Job(seen, given, recipe, how.settings))
    if not begun.plan.costs and (how.dry_run or how.asks_order):
        hint = "--dry-run" if how.dry_run else "--job"
        raise typer.BadParameter("needs --source adobe or removebg", param_hint=hint)
    return begun


def _of_layer(photo: str, layer: str, mask: str | None, recipe: Recipe, how: Run) -> Begun:
    """A layer's pixels with its mask, of a file of layers."""
    if mask is not None or recipe.has_mask:
        raise UsageError("--layer goes with no --mask: the layer has its own")
    _check(recipe, how, masked=True)
    from maskkit import codec
    from maskkit.cutouts.beginning import Job, begin

    file = codec.read_layers(source(photo), max_pixels=how.max_pixels)
    whole = file.on_canvas(file.layer(layer))
    seen = whole.with_pixels(whole.pixels[..., :3].copy())
    return begin(Job(seen, whole.pixels[..., 3].copy(), recipe, how.settings))


def _check(recipe: Recipe, how: Run, *, masked: bool) -> None:
    """Refuse what cannot go together before anything is read. Raises BadParameter with the option's name."""
    if how.resume and (how.dry_run or masked):
        raise UsageError("--resume goes with no --dry-run and no --mask")
    told = [*how.settings, *(["order"] if how.asks_order else [])]
    try:
        resolve(recipe, Facts(masked=masked), Environment(), told)
    except PixelError as error:
        raise usage(error) from None


def usage(error: PixelError) -> typer.BadParameter:
    """A PixelError about an option as an error of usage."""
    name, _, said = str(error).partition(": ")
    named = {"fetch": "--offline", "order": "--job", "cache": "--no-cache"}
    said = re.sub(r"source is '(\w+)'", r"it is \1", re.sub(r"source '(\w+)'", r"--source \1", said))
    return typer.BadParameter(said, param_hint=named.get(name, option_of(name)))
