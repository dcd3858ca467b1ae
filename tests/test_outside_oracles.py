"""Other people's compositing, where it is right: Pillow's to a level, skia's on float surfaces.

Pillow rounds each product to 8 bits, so its composite and alpha_composite are within 1 of the nearest value.
skia-python is asked for float surfaces with premultiplied input, since its 8-bit ones round on the way; its
modes follow the same W3C formulas. It has none of Photoshop's others, and its linear light is not compared.
"""

import numpy as np
import pytest
from PIL import Image, ImageChops

import maskkit as mk

rng = np.random.default_rng(12)
SOURCE, BACKDROP = rng.integers(0, 256, (2, 64, 97, 4)).astype(np.uint8)
MASK = rng.integers(0, 256, (64, 97)).astype(np.uint8)

pytestmark = pytest.mark.usefixtures("path")


def off(got, other):
    return np.abs(got.astype(int) - np.asarray(other).astype(int))


def test_pillow_composite():
    theirs = Image.composite(
        Image.fromarray(SOURCE[..., :3].copy()),
        Image.fromarray(BACKDROP[..., :3].copy()),
        Image.fromarray(MASK),
    )
    assert off(mk.composite(SOURCE[..., :3], BACKDROP[..., :3], MASK), theirs).max() <= 1


def test_pillow_alpha_composite():
    theirs = np.asarray(Image.alpha_composite(Image.fromarray(BACKDROP), Image.fromarray(SOURCE)))
    ours = mk.over(SOURCE, BACKDROP)
    assert off(ours[..., 3], theirs[..., 3]).max() <= 1
    solid = ours[..., 3] > 32  # below, a straight colour magnifies Pillow's rounding
    assert off(ours[solid], theirs[solid]).max() <= 1


@pytest.mark.parametrize(
    ("mode", "theirs"),
    [("multiply", ImageChops.multiply), ("screen", ImageChops.screen), ("darken", ImageChops.darker),
     ("lighten", ImageChops.lighter), ("difference", ImageChops.difference), ("overlay", ImageChops.overlay),
     ("hard-light", ImageChops.hard_light), ("add", ImageChops.add)],
)  # fmt: skip
def test_pillow_channel_operations(mode, theirs):
    above, below = (Image.fromarray(picture[..., :3].copy()) for picture in (SOURCE, BACKDROP))
    ours = mk.composite(SOURCE[..., :3], BACKDROP[..., :3], mode=mode)
    rough = mode in ("overlay", "hard-light")  # Pillow halves the range at 127 and divides by 127
    assert off(ours, theirs(below, above)).max() <= (2 if rough else 1)


SKIA = {
    "multiply": "kMultiply", "screen": "kScreen", "overlay": "kOverlay", "darken": "kDarken",
    "lighten": "kLighten", "color-dodge": "kColorDodge", "color-burn": "kColorBurn",
    "hard-light": "kHardLight", "soft-light": "kSoftLight", "difference": "kDifference",
    "exclusion": "kExclusion", "hue": "kHue",
    "saturation": "kSaturation", "color": "kColor", "luminosity": "kLuminosity", "normal": "kSrcOver",
}  # fmt: skip
SKIA_OPERATORS = {
    "clear": "kClear", "copy": "kSrc", "dest": "kDst", "over": "kSrcOver", "dest-over": "kDstOver",
    "in": "kSrcIn",
    "dest-in": "kDstIn", "out": "kSrcOut", "dest-out": "kDstOut", "atop": "kSrcATop", "dest-atop": "kDstATop",
    "xor": "kXor", "lighter": "kPlus",
}  # fmt: skip


def skia_blend(name, source, backdrop):
    """skia's result of two straight float32 pictures, premultiplied."""
    skia = pytest.importorskip(
        "skia", reason="skia-python or its system libraries are not here", exc_type=ImportError
    )
    height, width = source.shape[:2]
    info = skia.ImageInfo.Make(
        width, height, skia.ColorType.kRGBA_F32_ColorType, skia.AlphaType.kPremul_AlphaType
    )
    pre = [np.ascontiguousarray(mk.premultiply(picture)) for picture in (source, backdrop)]
    surface = skia.Surface.MakeRaster(info)
    canvas = surface.getCanvas()
    above, below = (skia.Image.MakeRasterCopy(skia.Pixmap(info, picture, width * 16)) for picture in pre)
    canvas.drawImage(below, 0, 0, skia.SamplingOptions(), skia.Paint(BlendMode=skia.BlendMode.kSrc))
    canvas.drawImage(above, 0, 0, skia.SamplingOptions(), skia.Paint(BlendMode=getattr(skia.BlendMode, name)))
    out = np.empty((height, width, 4), np.float32)
    assert surface.readPixels(info, out, width * 16, 0, 0)
    return out


@pytest.mark.parametrize(("mode", "name"), sorted(SKIA.items()))
def test_skia_blend_modes(mode, name):
    source, backdrop = SOURCE / np.float32(255), BACKDROP / np.float32(255)
    ours = mk.premultiply(mk.composite(source, backdrop, mode=mode))
    assert np.abs(ours - skia_blend(name, source, backdrop)).max() < 2e-6


@pytest.mark.parametrize(("operator", "name"), sorted(SKIA_OPERATORS.items()))
def test_skia_porter_duff(operator, name):
    source, backdrop = SOURCE / np.float32(255), BACKDROP / np.float32(255)
    ours = mk.premultiply(mk.porter_duff(source, backdrop, operator))
    assert np.abs(ours - skia_blend(name, source, backdrop)).max() < 1e-6
