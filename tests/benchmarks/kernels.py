"""The pixel kernels against memcpy, Pillow and others: `python -m tests.benchmarks.kernels [topic ...]`.

Topics: composite composite48 over apply linear modes feather numpy disc foreground memory; all by default. 12
megapixels, uint8, a hairy mask with 5% soft pixels; two threads; "memory copy" is np.copyto of the output's
bytes into memory that is there; Pillow keeps its memory (PILLOW_BLOCKS_MAX). Ratios are within one run.
"""

import itertools
import re
import sys

import cv2
import numpy as np
from PIL import Image, ImageFilter

import maskkit as mk
from maskkit import kernels
from tests.benchmarks import harness
from tests.benchmarks.harness import alternate, copying, inputs, table, worst_error
from tests.scenes import SCENES

MEGAPIXELS = 12


def with_alpha(photo, alpha):
    return np.ascontiguousarray(np.dstack([photo, alpha]))


def fresh_image(array):
    """Pillow in its faster state: an image of its own, loaded."""
    return Image.fromarray(array).copy()


def numpy_idiom(photo, backdrop, mask):
    share = mask[..., None] / 255
    return (photo * share + backdrop * (1 - share)).round().astype(np.uint8)


def composite(megapixels=MEGAPIXELS):
    photo, backdrop, mask = inputs(megapixels)
    out = np.empty_like(photo)
    pillow = [fresh_image(array) for array in (photo, backdrop, mask)]
    cases = {
        "memory copy": copying(photo),
        "maskkit, out=": lambda: mk.composite(photo, backdrop, mask, out=out),
        "maskkit, fresh": lambda: mk.composite(photo, backdrop, mask),
        "maskkit, NumPy path": without_core(lambda: mk.composite(photo, backdrop, mask, out=out)),
        "Pillow composite": lambda: Image.composite(*pillow),
    }
    if megapixels == MEGAPIXELS:
        cases["NumPy idiom"] = lambda: numpy_idiom(photo, backdrop, mask)
        cases |= skia_over(with_alpha(photo, mask), with_alpha(backdrop, np.full_like(mask, 255)), "kSrcOver")
        cases |= vips_composite(photo, backdrop, mask)
    yield f"composite RGB by mask, {megapixels} MP", cases, megapixels


def composite_large():
    yield from composite(48)


def over():
    photo, backdrop, mask = inputs(MEGAPIXELS)
    source, out = with_alpha(photo, mask), np.empty((*mask.shape, 4), np.uint8)
    soft = np.random.default_rng(3).integers(1, 256, mask.shape, dtype=np.uint8)
    for name, alpha in (("opaque", np.full_like(mask, 255)), ("soft", soft)):
        ground = with_alpha(backdrop, alpha)
        pillow = fresh_image(source), fresh_image(ground)
        yield (
            f"over, straight RGBA, {name} backdrop",
            {
                "memory copy": copying(ground),
                "maskkit, out=": lambda ground=ground: mk.over(source, ground, out=out),
                "maskkit, NumPy path": without_core(lambda ground=ground: mk.over(source, ground, out=out)),
                "Pillow alpha_composite": lambda pillow=pillow: Image.alpha_composite(*pillow),
                **skia_over(source, ground, "kSrcOver"),
            },
            MEGAPIXELS,
        )


def apply():
    photo, _, mask = inputs(MEGAPIXELS)
    out = np.empty((*mask.shape, 4), np.uint8)
    image, alpha = fresh_image(photo), fresh_image(mask)
    cases = {
        "memory copy": copying(out),
        "maskkit, out=": lambda: mk.apply_mask(photo, mask, out=out),
        "maskkit, NumPy path": without_core(lambda: mk.apply_mask(photo, mask, out=out)),
        "Pillow putalpha": lambda: put_alpha(image, alpha),
        "np.dstack": lambda: np.dstack([photo, mask]),
    }
    yield "apply mask", cases, MEGAPIXELS


def linear():
    photo, backdrop, mask = inputs(MEGAPIXELS)
    out = np.empty_like(photo)
    soft = np.random.default_rng(3).integers(1, 255, mask.shape, dtype=np.uint8)
    for name, cover in (("photo mask", mask), ("all soft", soft)):
        cases = {
            "memory copy": copying(photo),
            "maskkit, out=": lambda cover=cover: mk.composite(photo, backdrop, cover, linear=True, out=out),
        }
        yield f"linear light, {name}", cases, MEGAPIXELS


def modes():
    photo, backdrop, mask = inputs(MEGAPIXELS)
    source, ground = with_alpha(photo, mask), with_alpha(backdrop, np.full_like(mask, 255))
    out = np.empty_like(ground)
    for mode, skia in (
        ("multiply", "kMultiply"),
        ("soft-light", "kSoftLight"),
        ("luminosity", "kLuminosity"),
    ):
        cases = {
            "memory copy": copying(ground),
            "maskkit, out=": lambda mode=mode: mk.composite(source, ground, mode=mode, out=out),
            **skia_over(source, ground, skia),
        }
        yield f"{mode} with alpha", cases, MEGAPIXELS


def feather():
    mask = inputs(MEGAPIXELS).mask
    out, image = np.empty_like(mask), fresh_image(mask)
    for sigma in (3, 12, 60):
        cases = {
            "memory copy": copying(mask),
            "maskkit, out=": lambda sigma=sigma: kernels.gaussian_blur(mask, sigma, out=out),
            "Pillow GaussianBlur": lambda sigma=sigma: image.filter(ImageFilter.GaussianBlur(sigma)),
        }
        yield f"feather, sigma {sigma}; {blur_errors(mask, sigma)}", cases, MEGAPIXELS


def blur_errors(mask, sigma):
    truth = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    ours, pillow = (
        kernels.gaussian_blur(mask, sigma),
        np.asarray(Image.fromarray(mask).filter(ImageFilter.GaussianBlur(sigma))),
    )
    errors = ((worst_error(result, truth), np.abs(result - truth).mean()) for result in (ours, pillow))
    texts = [f"max {worst:.2f} mean {mean:.3f}" for worst, mean in errors]
    return f"error in levels: maskkit {texts[0]}, Pillow {texts[1]}"


def without_compiler():
    """What an install without a compiler has against Pillow: each pair by itself."""
    photo, backdrop, mask = inputs(MEGAPIXELS)
    soft = np.random.default_rng(3).integers(1, 256, mask.shape, dtype=np.uint8)
    rgba, ground = with_alpha(photo, mask), with_alpha(backdrop, np.full_like(mask, 255))
    grounds = {"opaque": ground, "soft": with_alpha(backdrop, soft)}
    out3, out4, out1 = np.empty_like(photo), np.empty_like(rgba), np.empty_like(mask)
    images = [fresh_image(array) for array in (photo, backdrop, mask)]
    pairs = {
        "composite": (
            lambda: mk.composite(photo, backdrop, mask, out=out3),
            lambda: Image.composite(*images),
        ),
        "apply_mask": (lambda: mk.apply_mask(photo, mask, out=out4), lambda: put_alpha(images[0], images[2])),
    }
    for name, below in grounds.items():
        layers = fresh_image(rgba), fresh_image(below)
        pairs[f"over, {name} backdrop"] = (
            lambda below=below: mk.over(rgba, below, out=out4),
            lambda layers=layers: Image.alpha_composite(*layers),
        )
    for sigma in (1, 3, 5, 12, 60):
        pairs[f"feather {sigma}"] = (
            lambda sigma=sigma: mk.feather(mask, sigma, out=out1),
            lambda sigma=sigma: images[2].filter(ImageFilter.GaussianBlur(sigma)),
        )
    for name, (ours, theirs) in pairs.items():
        cases = {"Pillow": theirs, "maskkit, NumPy path": without_core(ours)}
        yield f"without the compiled core: {name}", cases, MEGAPIXELS


def put_alpha(image, alpha):
    copy = image.copy()
    copy.putalpha(alpha)


def disc():
    mask = inputs(MEGAPIXELS).mask
    out = np.empty_like(mask)
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17))
    cases = {"cv2.dilate, ellipse 17": lambda: cv2.dilate(mask, ellipse, dst=out)}
    for radius in (2, 8, 8.5, 30, 60, 150, 400):
        cases[f"grow {radius}"] = lambda radius=radius: kernels.dilate_disc(mask, radius, out=out)
    cases["shrink 8"] = lambda: kernels.erode_disc(mask, 8, out=out)
    yield "grow and shrink by a disc, exact", cases, MEGAPIXELS


def foreground():
    estimate = harness.peer("pymatting")
    photo, _, mask = inputs(MEGAPIXELS)
    out = np.empty_like(photo)
    cases = {
        "memory copy": copying(photo),
        "maskkit decontaminate, out=": lambda: mk.decontaminate(photo, mask, out=out),
    }
    if estimate:
        real, alpha = photo / 255, mask / 255
        cases["PyMatting ml, warm"] = lambda: estimate.estimate_foreground_ml(real, alpha)
    yield f"foreground estimation; {colour_errors(estimate)}", cases, MEGAPIXELS


def colour_errors(estimate):
    """Alpha-weighted mean error of soft pixels in levels of 255, on scenes whose colour is known."""
    errors = []
    for scene in SCENES:
        alpha = scene.alpha
        soft = (alpha > 0) & (alpha < 255)
        found = {"photo": scene.photo, "maskkit": mk.decontaminate(scene.photo, alpha)}
        if estimate:
            found["PyMatting"] = 255 * estimate.estimate_foreground_ml(scene.photo / 255, alpha / 255)
        apart = {name: np.abs(colour - scene.foreground.astype(float)) for name, colour in found.items()}
        errors.append({k: np.average(v.mean(2)[soft], weights=alpha[soft]) for k, v in apart.items()})
    means = (f"{name} {np.mean([error[name] for error in errors]):.2f}" for name in errors[0])
    return f"mean colour error of {len(SCENES)} scenes in levels: {', '.join(means)}"


SMALL = """
import numpy as np, maskkit as mk
from maskkit import kernels
from tests.benchmarks.harness import inputs
kernels.set_native({core})
photo, backdrop, mask = inputs({megapixels})
rgba, ground = np.dstack([photo, mask]), np.dstack([backdrop, mask])
out, out4, grey = np.zeros_like(photo), np.zeros_like(rgba), np.zeros_like(mask)
fine = np.float32(1 / 255) * mask
"""
VERBS = {
    "composite": "mk.composite(photo, backdrop, mask, out=out)",
    "float mask": "mk.composite(photo, backdrop, fine, out=out)",
    "linear": "mk.composite(photo, backdrop, mask, linear=True, out=out)",
    "over": "mk.over(rgba, ground, out=out4)",
    "multiply": "mk.composite(rgba, ground, mode='multiply', out=out4)",
    "luminosity": "mk.composite(rgba, ground, mode='luminosity', out=out4)",
    "apply": "mk.apply_mask(photo, mask, out=out4)",
    "premultiply": "mk.premultiply(rgba, out=out4)",
    "unpremultiply": "mk.unpremultiply(rgba, out=out4)",
    "feather 3": "mk.feather(mask, 3, out=grey)",
    "feather 7": "mk.feather(mask, 7, out=grey)",
    "feather 60": "mk.feather(mask, 60, out=grey)",
    "grow 8.5": "mk.grow(mask, 8.5, out=grey)",
    "shrink 60": "mk.shrink(mask, 60, out=grey)",
    "threshold": "mk.threshold(mask, 0.5, out=grey)",
    "levels": "mk.levels(mask, 0.1, 0.9, out=grey)",
    "invert": "mk.invert(mask, out=grey)",
    "combine": "mk.combine(mask, backdrop[..., 0], 'multiply', out=grey)",
    "decontaminate": "mk.decontaminate(photo, mask, out=out)",
}


def memory(sizes=(1, 12, 48, 100)):
    for megapixels, core in itertools.product(sizes, (True, False)):
        peaks = {
            name: harness.peak_memory(SMALL.format(megapixels=megapixels, core=core) + warm_up(call), call)
            for name, call in VERBS.items()
        }
        print(
            f"\n{megapixels} MP, {'compiled' if core else 'NumPy'}, MB beyond inputs and output:",
            ", ".join(f"{name} {peak:.1f}" for name, peak in peaks.items()),
            flush=True,
        )


def warm_up(call):
    """The same call on a corner, so that imports, tables and pools are there."""
    names = ("photo", "backdrop", "mask", "rgba", "ground", "fine", "out4", "out", "grey")
    return re.sub(rf"\b({'|'.join(names)})\b(?!=)", r"\1[:200, :200]", call)


def without_core(call):
    """The same call on the NumPy and OpenCV path."""

    def run():
        kernels.set_native(False)
        try:
            call()
        finally:
            kernels.set_native(True)

    return run


def skia_over(source, ground, blend):
    """Skia's raster canvas on its own premultiplied pixels, which spares it the conversion."""
    skia = harness.peer("skia")
    if skia is None:
        return {}
    top, base = (
        skia.Image.fromarray(array, colorType=skia.kRGBA_8888_ColorType) for array in (source, ground)
    )
    surface = skia.Surface(source.shape[1], source.shape[0])
    paint = skia.Paint(BlendMode=getattr(skia.BlendMode, blend))

    def draw():
        with surface as canvas:
            canvas.drawImage(base, 0, 0)
            canvas.drawImage(top, 0, 0, skia.SamplingOptions(), paint)

    return {"skia": draw}


def vips_composite(photo, backdrop, mask):
    vips = harness.peer("pyvips")
    if vips is None:
        return {}
    arrays = [vips.Image.new_from_array(array) for array in (photo, backdrop, mask)]
    return {
        "pyvips ifthenelse": lambda: arrays[2].ifthenelse(arrays[0], arrays[1], blend=True).write_to_memory()
    }


TOPICS = {
    "composite": composite,
    "composite48": composite_large,
    "over": over,
    "apply": apply,
    "linear": linear,
    "modes": modes,
    "feather": feather,
    "numpy": without_compiler,
    "disc": disc,
    "foreground": foreground,
    "memory": memory,
}


def main(topics):
    mk.set_threads(2)
    Image.core.set_blocks_max(64)  # Pillow's faster state: it keeps freed memory, whose pages are there
    print(harness.machine(), kernels.build_info(), sep="\n")
    for topic in topics or TOPICS:
        if topic == "memory":
            memory()
            continue
        for title, cases, megapixels in TOPICS[topic]():
            times = alternate(cases, rounds=7, seconds=25)
            print(f"\n{title}\n\n{table(times, base=next(iter(cases)), megapixels=megapixels)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
