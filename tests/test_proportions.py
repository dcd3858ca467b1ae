"""A line of two million pixels through every verb in two gigabytes of address space."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import maskkit as mk
from maskkit import backdrop
from maskkit.kernels import gaussian_blur
from maskkit.kernels.grid import enlarge, resample, resample_part, shrink

PROGRAM = """
import resource, sys
import numpy as np
import cv2
import maskkit as mk
from maskkit import backdrop, masks
from maskkit.kernels import set_native

height, width = int(sys.argv[1]), int(sys.argv[2])
set_native(sys.argv[3] == "native")
line = np.arange(height * width, dtype=np.uint32).reshape(height, width)
mask = np.clip((line // 500 % 2) * 255 + line % 500 % 7 * 20, 0, 255).astype(np.uint8)
photo = np.dstack([mask, (line // 9).astype(np.uint8), 255 - mask // 2])
other = photo[..., ::-1].copy()
rgba = np.dstack([photo, mask])
little = photo[:40, :40]
size = width, height
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
verbs = {
    "cutout": lambda: mk.cutout(photo, mask).pixels,
    "cutout, edited": lambda: mk.cutout(photo, mask, grow=1.5, feather=2, decontaminate=1).pixels,
    "feather": lambda: mk.feather(mask, 3),
    "feather, wide": lambda: mk.feather(mask, 2000),
    "feather, wider than the picture": lambda: mk.feather(mask, 1e7),
    "smooth": lambda: mk.smooth(mask, 3),
    "grow": lambda: mk.grow(mask, 2.5),
    "grow, far": lambda: mk.grow(mask, 3_000_000),
    "shrink": lambda: mk.shrink(mask, 400),
    "keep_largest": lambda: mk.keep_largest(mask),
    "fill_holes": lambda: mk.fill_holes(mask),
    "trimap": lambda: mk.trimap(mask, 3),
    "resize": lambda: masks.resize(mask, (7, 9)),
    "composite": lambda: mk.composite(photo, other, mask),
    "composite, mode": lambda: mk.composite(rgba, other, mode="hue"),
    "composite, linear": lambda: mk.composite(rgba, other, linear=True),
    "over": lambda: mk.over(rgba, rgba),
    "decontaminate": lambda: mk.decontaminate(photo, mask),
    "extend_edge": lambda: mk.extend_edge(rgba),
    "light_wrap": lambda: mk.light_wrap(rgba, other),
    "blur": lambda: backdrop.blur(photo, 5, mask),
    "blur, wide": lambda: backdrop.blur(photo, 1e5, mask),
    "shadow": lambda: backdrop.shadow(photo, mask),
    "image, to a square": lambda: backdrop.image(photo, (40, 40)),
    "image, of a square": lambda: backdrop.image(little, size),
    "image, stretched": lambda: backdrop.image(little, size, "stretch"),
    "gradient": lambda: backdrop.gradient(["red", "blue"], size),
    "refine": lambda: mk.refine(photo, mask),
    "refine, hair": lambda: mk.refine(photo, mask, "hair"),
}
for name, call in verbs.items():
    try:
        answer = call()
    except BaseException as error:
        print(name, repr(error))
        raise SystemExit(1)
    asked = {"resize": (9, 7), "image, to a square": (40, 40)}.get(name, (height, width))
    assert answer.shape[:2] == asked, name
print("all")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on address space")
@pytest.mark.parametrize(
    ("size", "core"),
    [((1, 2_000_000), "native"), ((1, 2_000_000), "numpy"), ((3, 700_000), "native"), ((3, 700_000), "numpy"),
     ((2_000_000, 1), "native")],
)  # fmt: skip
def test_a_line_of_pixels_needs_no_more_than_its_pixels(size, core):
    command = [sys.executable, "-c", PROGRAM, *map(str, size), core]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "all\n", (done.stdout, done.stderr[-400:])


@pytest.mark.parametrize("shape", [(1, 900), (2, 301), (3, 77), (900, 1), (301, 2), (3, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("factor", [2, 7, 40, 300])
def test_shrunk_lines_are_means_of_blocks(shape, dtype, factor):
    rng = np.random.default_rng(1)
    array = rng.random(shape) if dtype == np.float32 else rng.integers(0, 256, shape)
    array = array.astype(dtype)
    whole = np.pad(array.astype(float), [(0, -side % factor) for side in shape], "edge")
    blocks = whole.reshape(whole.shape[0] // factor, factor, whole.shape[1] // factor, factor)
    got = shrink(array, factor)
    assert got.dtype == dtype
    tolerance = 1e-4 if dtype == np.float32 else 0.501
    np.testing.assert_allclose(got, blocks.mean((1, 3)), rtol=0, atol=tolerance)


@pytest.mark.parametrize("shape", [(1, 5), (2, 3), (4, 4)])
@pytest.mark.parametrize("factor", [2, 9, 400])
@pytest.mark.parametrize("tail", [(), (3,)])
def test_a_part_enlarged_is_that_part_of_the_whole(shape, factor, tail):
    small = np.random.default_rng(2).random((*shape, *tail)).astype(np.float32)
    height, width = (factor * side for side in shape)
    whole = resample(small, (width, height))
    for rows, columns in [
        (slice(0, 1), slice(0, width)),
        (slice(0, height), slice(factor, factor + 2)),
        (slice(height - factor, height - factor + 1), slice(0, 1)),
        (slice(0, height), slice(0, width)),
    ]:
        np.testing.assert_allclose(enlarge(small, factor, rows, columns), whole[rows, columns], atol=2e-6)


@pytest.mark.parametrize("size", [(50, 90), (5, 90), (50, 3), (11, 7)])
def test_a_part_of_a_resampled_picture_is_that_part_of_the_whole(size):
    picture = np.random.default_rng(3).random((9, 13, 3)).astype(np.float32)
    whole = resample(picture, size, cubic=True, clip=False)
    part = slice(size[1] // 3, size[1] // 2), slice(size[0] // 4, size[0])
    np.testing.assert_allclose(resample_part(picture, size, part), whole[part], atol=2e-6)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("shape", [(1, 3000), (3000, 2), (3, 2500), (5, 5)])
@pytest.mark.parametrize("sigma", [40, 200, 5000])
def test_a_wide_feather_of_a_line_is_the_gaussian_of_it(shape, sigma):
    mask = np.repeat(np.random.default_rng(4).integers(0, 2, (1, max(shape) // 50 + 1)), 50) * 255
    mask = np.resize(mask, max(shape)).astype(np.uint8)
    mask = np.tile(mask, (min(shape), 1)) if shape[1] >= shape[0] else np.tile(mask[:, None], (1, shape[1]))
    wide = np.pad(mask[0] if shape[1] >= shape[0] else mask[:, 0], 4 * sigma, "edge").astype(float)
    kernel = np.exp(-0.5 * (np.arange(-4 * sigma, 4 * sigma + 1) / sigma) ** 2)
    truth = np.convolve(wide, kernel / kernel.sum(), "valid")
    got = gaussian_blur(mask, sigma).astype(float)
    expected = truth[None] if shape[1] >= shape[0] else truth[:, None]
    assert np.abs(got - expected).max() <= 4


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("shape", [(1, 700), (700, 1), (3, 260), (20, 30)])
@pytest.mark.parametrize("radius", [1.5, 150, 250.5, 10_000])
def test_a_far_disc_on_a_line(shape, radius):
    mask = np.zeros(shape, np.uint16)
    mask.flat[[3, -1]] = 65535, 40000
    y, x = np.ogrid[: shape[0], : shape[1]]
    truth: Any = 0
    for whole, share in ((int(radius), 1 - radius % 1), (int(radius) + 1, radius % 1)):
        reached = np.zeros(shape)
        for j, i in np.argwhere(mask):
            near = (y - j) ** 2 + (x - i) ** 2 <= whole**2
            reached = np.maximum(reached, near * float(mask[j, i]))
        truth = truth + share * reached
    np.testing.assert_allclose(mk.grow(mask, radius), truth, atol=0.5)


def test_a_line_covers_a_square_by_its_middle():
    line = np.tile(np.arange(20_000, dtype=np.uint16), (1, 1)).repeat(3).reshape(1, -1, 3)
    seen = backdrop.image(line, (40, 40))
    assert seen.shape == (40, 40, 3)
    assert np.abs(seen.astype(int) - 10_000).max() <= 1
