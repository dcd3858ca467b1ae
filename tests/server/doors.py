"""Random recipes for random photos through every door; `python -m server.doors 0 1000` tries a thousand.

Each photo is 40 x 30 pixels, a red disc before a green screen, in one of many kinds of file. An option is
what the library takes and what people type for it.
"""

import io
import random
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

import maskkit as mk
from maskkit.cli import app
from maskkit.cutouts import encoding, finished
from maskkit.recipe import Recipe, load, save

W, H = 40, 30
SOURCE = "chroma"
REFUSALS = (mk.PixelError, mk.CodecError)
_Y, _X = np.mgrid[:H, :W]


def disc(x, y, radius):
    return np.clip(radius + 0.5 - np.hypot(_X - x, _Y - y), 0, 1)


def encoded(pixels, format="PNG", **how):
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    image.save(stream, format, **how)
    return stream.getvalue()


def turned(turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    return encoded(PLAIN, "JPEG", quality=95, exif=exif, dpi=(300, 300))


INSIDE = np.maximum(disc(20, 15, 10), disc(34, 6, 3))[..., None]
SCREEN = np.random.default_rng(7).integers((0, 170, 55), (8, 180, 65), (H, W, 3))
PLAIN = np.rint(INSIDE * (200, 30, 40) + (1 - INSIDE) * SCREEN).astype(np.uint8)
ALPHA = np.where(_Y < 4, 0, np.where(_X < 26, 255, 100)).astype(np.uint8)
PHOTOS = {
    "PNG": encoded(PLAIN),
    "JPEG": encoded(PLAIN, "JPEG", quality=95),
    **{f"turned {turn}": turned(turn) for turn in (2, 3, 6, 8)},
    "16 bit": mk.encode(PLAIN.astype(np.uint16) * 257 + 3, "png"),
    "alpha": encoded(np.dstack([PLAIN, ALPHA])),
    "16 bit, alpha": mk.encode(np.dstack([PLAIN, ALPHA]).astype(np.uint16) * 257, "png"),
    "all clear": encoded(np.dstack([PLAIN, 0 * ALPHA])),
    "all opaque": encoded(np.dstack([PLAIN, np.full_like(ALPHA, 255)])),
    "palette": encoded(Image.fromarray(PLAIN).quantize(64)),
    "GIF": encoded(Image.fromarray(PLAIN).quantize(64), "GIF"),
    "grey": encoded(PLAIN[..., 0].copy()),
    "grey, alpha": encoded(Image.fromarray(np.dstack([PLAIN[..., 0], ALPHA]), "LA")),
    "TIFF": encoded(PLAIN, "TIFF"),
    "WebP": encoded(PLAIN, "WEBP", lossless=True),
}
SOFT = np.rint(disc(19, 14, 9) * 255).astype(np.uint8)
MASKS = {
    "soft": encoded(SOFT),
    "hard": encoded(SOFT // 128 * 255),
    "empty": encoded(0 * SOFT),
    "full": encoded(0 * SOFT + 255),
    "16 bit": mk.encode(SOFT.astype(np.uint16) * 257, "png"),
    "half the size": encoded(SOFT[::2, ::2].copy()),
    "turned": encoded(SOFT.T.copy()),
    "colour": encoded(np.dstack([SOFT] * 3)),
    "in alpha": encoded(np.dstack([np.full_like(PLAIN, 9), SOFT])),
}
STROKE = (disc(20, 14, 2) > 0.5).astype(np.uint8) * 255


def numbers(*values):
    return [(value, str(value)) for value in values]


def texts(*values):
    return [(value, value) for value in values]


ON = [(True, "true")]
OF_MASK = {
    "mask_type": texts("soft", "binary"),
    "box": [((5, 3, 33, 28), "5,3,33,28"), ((30, 3, 5, 28), "30,3,5,28"), ((0, 0, 400, 30), "0,0,400,30")],
    "keep": [([(20, 15)], "20,15"), ([(20.5, 15), (21, 16)], "20.5,15;21,16"), ([(40, 3)], "40,3")],
    "drop": [([(2, 2)], "2,2"), ([(20, 15)], "20,15")],
    "keep_mask": [(STROKE, "stroke.png")],
    "drop_mask": [(STROKE, "stroke.png")],
    "refine": texts("none", "edge", "hair", "soft"),
    "refine_radius": numbers(1, 4.5, 0, 190),
    "invert": ON,
    "subjects": [("all", "all"), ("largest", "largest"), (1, "1"), (0, "0")],
    "keep_largest": numbers(1, 2, 0),
    "threshold": numbers(0.4, 0, 1, 1.5),
    "smooth": numbers(1.5, 0, -1),
    "grow": numbers(2.5, -2, -30, 0.2),
    "feather": numbers(1.5, 0, 40, -1),
    "feather_edge": texts("inside", "outside", "both"),
    **dict.fromkeys(["resize_mask", "stretch_mask", "replace", "to_srgb", "premultiplied"], ON),
    **dict.fromkeys(["tone_map", "unnamed_alpha"], ON),
    "mask_levels": [("auto", "auto"), ((0.1, 0.8), "0.1,0.8"), ((0, 200), "0,200"), ((5, 5), "5,5")],
    "mask_class": numbers(255, 0, 7),
    "mask_channel": texts("alpha", "red", "luminance"),
    "mask_frame": numbers(0, 1),
    "mask_part": texts("matte", "nose"),
    "frame": numbers(0, 3),
    "trim": numbers(0, 3, 500),
    "trim_level": numbers(0.5, 0, 1),
}
OF_PICTURE = {
    "decontaminate": numbers(0.5, 0, 1),
    "linear_edge": ON,
    "canvas": [((50, 50), "50x50"), ((10, 80), "10x80")],
    "position": [((0, 1), "0,1"), ("bottom", "bottom"), ((0.2, 2), "0.2,2")],
    "scale": [("fit", "fit"), (0.5, "0.5"), (2, "2"), (0, "0")],
    "margin": texts("3", "10%", "1 2 3 4", "60%"),
    "fill": numbers(0.5, 1, 0),
    "preset": texts("square", "nope"),
    "shadow": texts("drop", "contact", "cast,direction=30", "own", "drop;contact", "drop,nope=3"),
    "outline": texts("2", "2,color=navy", "1,where=inside", "0"),
    "glow": texts("3", "4,color=red"),
    "reflection": texts("0.4", "0.5,gap=2"),
    "lens_blur": texts("3", "2,highlights=0.5"),
    "tint_match": texts("0.5"),
    "light_wrap": texts("0.5", "0.3,radius=2"),
    "quality": numbers(50, 100, 0, 101),
    "lossless": ON,
}
OF_COMPOSITE = {
    "fit": texts("contain", "stretch", "tile"),
    "mode": texts("multiply", "hue", "normal", "nomode"),
    "opacity": numbers(0.5, 0, 2),
    "linear": ON,
    "at": [((3, 4), "3,4"), ((-20, 90), "-20,90")],
    "backdrop": texts("white", "rgb(10 20 30 / 50%)", "transparent", "blur:3", "linear:red;blue", "nocolour"),
}
TAKEN = {
    "mask": OF_MASK,
    "cutout": OF_MASK | OF_PICTURE | {"hidden": texts("keep", "clear", "extend")},
    "composite": OF_MASK | OF_PICTURE | OF_COMPOSITE,
}
CALLED = {"backdrop": "--background", "mask_levels": "--levels", "mask_class": "--class"}


def asked(seed):
    """A product, a photo, a mask or None, and options: what is given, and what is typed."""
    dice = random.Random(seed)
    product = dice.choice(sorted(TAKEN))
    photo, mask = dice.choice(sorted(PHOTOS)), dice.choice([None, dice.choice(sorted(MASKS))])
    names = dice.sample(sorted(TAKEN[product]), dice.choice([1, 2, 2, 3]))
    options = {name: dice.choice(TAKEN[product][name]) for name in names}
    if product == "composite":
        options.setdefault("backdrop", ("white", "white"))
    return product, photo, mask, options


def written(shown, recipe):
    return mk.encode(shown, "png", **encoding(recipe))


def library(photo, mask, recipe):
    cut = mk.cutout(photo, mask, recipe=recipe)
    return written(finished(cut, recipe), recipe)


def replayed(photo, mask, recipe, folder):
    """The recipe of the cutout through JSON and TOML, both of which have to be itself, and replayed."""
    whole = mk.cutout(photo, mask, recipe=recipe).recipe
    save(whole, folder / "recipe.toml")
    for again in (Recipe.from_json(whole.to_json()), load(folder / "recipe.toml")):
        assert (again, again.digest, again.made) == (whole, whole.digest, whole.made)
    return written(mk.replay(again, photo), recipe)


def command(product, masked, options, folder):
    (folder / "made.png").unlink(missing_ok=True)
    words = [product, folder / "p.png", "-o", folder / "made.png"]
    words += ["-m", folder / "m.png"] if masked else ["--source", SOURCE]
    for name, (value, text) in options.items():
        option = CALLED.get(name, f"--{name.replace('_', '-')}")
        if isinstance(value, np.ndarray):
            words += [option, folder / text]
        elif name == "box":
            words += [option, *text.split(",")]
        elif name in ("keep", "drop"):
            words += [word for point in text.split(";") for word in (option, point)]
        else:
            words += [option] if value is True else [f"{option}={text}"]
    ended = CliRunner().invoke(app, list(map(str, words)))
    if ended.exit_code == 0:
        return (folder / "made.png").read_bytes()
    if isinstance(ended.exception, mk.MaskkitError):
        raise ended.exception
    assert ended.exit_code == 2, ended.exception
    raise mk.PixelError(ended.output)


def form(server, product, photo, mask, options):
    files = {"photo": photo} | ({} if mask is None else {"mask": mask})
    files |= {name: encoded(value) for name, (value, _) in options.items() if isinstance(value, np.ndarray)}
    fields = {name: text for name, (_, text) in options.items() if name not in files}
    fields |= {name: fields[name].split(";") for name in ("keep", "drop") if name in fields}
    if "backdrop" in fields:
        fields["background"] = fields.pop("backdrop")
    answer = server.client.post(f"/{product}", files=files, data=fields)
    if answer.status_code == 200:
        return answer.content
    assert answer.status_code in (400, 422), answer.text
    raise mk.PixelError(answer.text)


def batch(photo, mask, recipe, folder):
    here = folder / "batch"
    shutil.rmtree(here, ignore_errors=True)
    for name, content in {"in": photo, "masks": mask}.items():
        (here / name).mkdir(parents=True)
        if content is not None:
            (here / name / "p.png").write_bytes(content)
    masks = {} if mask is None else {"masks": here / "masks"}
    how = {"executor": "threads", "workers": 1, "inspect": False, "progress": lambda outcome: None}
    mk.batch(here / "in", here / "out", recipe=recipe, **masks, **how)
    made = here / "out" / "p.png"
    if not made.exists():
        raise mk.PixelError("failed")
    return made.read_bytes()


def outcome(door, *given):
    """The bytes, or None for a refusal; any other error is raised."""
    try:
        return door(*given)
    except REFUSALS:
        return None


def differing(seed, server, folder):
    """The doors that do not give what the library gives, bytes or a refusal.

    One difference is meant: to a form, an empty mask is an answer, and is not trimmed.
    """
    product, photo, mask, options = asked(seed)
    photo, mask = PHOTOS[photo], None if mask is None else MASKS[mask]
    for name, content in {"p.png": photo, "m.png": mask or b"", "stroke.png": encoded(STROKE)}.items():
        (folder / name).write_bytes(content)
    given = {name: value for name, (value, _) in options.items()}
    try:
        recipe = Recipe(source="auto" if mask else SOURCE, product=product, **given)
    except mk.PixelError:
        recipe = None
    found = {
        "command": outcome(command, product, mask is not None, options, folder),
        "form": outcome(form, server, product, photo, mask, options),
    }
    wanted = None
    if recipe is not None:
        wanted = outcome(library, photo, mask, recipe)
        found["batch"] = outcome(batch, photo, mask, recipe, folder)
        found["replay"] = outcome(replayed, photo, mask, recipe, folder)
    if wanted is None and "trim" in options:
        del found["form"]
    return [door for door, made in found.items() if made != wanted]


def main(first, count):
    from server.conftest import running, settings

    warnings.simplefilter("ignore")
    with (
        tempfile.TemporaryDirectory() as folder,
        running(settings(Path(folder) / "served", engine=SOURCE)) as server,
    ):
        for seed in range(first, first + count):
            if found := differing(seed, server, Path(folder)):
                print(seed, found, asked(seed), flush=True)
    print(count, "tried")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
