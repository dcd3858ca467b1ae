"""A cutout whose colour is multiplied by its alpha is told, and read."""

import numpy as np
import pytest
from cli_process import maskkit
from oracle import files
from PIL import Image

import maskkit as mk

rng = np.random.default_rng(9)
y, x = np.mgrid[:80, :90]
ALPHA = np.clip(25.5 - np.hypot(y - 40, x - 45), 0, 6) / 6


def disc(colour, dtype=np.uint8):
    """A soft disc of a colour with some noise, straight and premultiplied."""
    top = np.iinfo(dtype).max
    straight = np.clip(np.array(colour) + rng.normal(0, 0.03, (80, 90, 3)), 0, 1)
    straight[ALPHA == 0] = 0
    pre = straight * ALPHA[..., None]
    return [np.rint(np.dstack([one, ALPHA]) * top).astype(dtype) for one in (straight, pre)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("colour", [(0.8, 0.3, 0.2), (0.3, 0.35, 0.4), (1, 1, 1)])
def test_it_is_told_from_straight_colour(colour, dtype):
    straight, pre = disc(colour, dtype)
    assert mk.inspect(straight)["premultiplied"].verdict == "ok"
    found = mk.inspect(pre)
    assert "premultiplied" in found.faults
    assert "looks premultiplied" in found["premultiplied"].text
    assert "unpremultiply" in found["premultiplied"].text


def test_the_edge_is_not_blamed_on_the_old_background():
    straight, pre = disc((0.8, 0.3, 0.2))
    photo = np.rint((straight[..., :3] / 255) * ALPHA[..., None] * 255).astype(np.uint8)  # before black
    assert mk.inspect(pre, photo).faults == ("premultiplied",)


def test_black_and_hard_subjects_are_not_accused():
    for cutout in (
        disc((0.0, 0.0, 0.0))[1],
        np.dstack([np.full((9, 9, 3), 200), np.eye(9) * 255]).astype(np.uint8),
    ):
        assert mk.inspect(cutout)["premultiplied"].value == 0


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_it_is_read_as_straight(dtype, tmp_path):
    _, pre = disc((0.8, 0.3, 0.2), dtype)
    bits = 8 * pre.itemsize
    content = files.png(pre, files.RGBA, bits)
    top, alpha = np.iinfo(dtype).max, pre[..., 3:].astype(np.int64)
    want = np.minimum((2 * pre[..., :3].astype(np.int64) * top + alpha) // np.maximum(2 * alpha, 1), top)
    want[alpha[..., 0] == 0] = 0
    got = mk.read(content, premultiplied=True).pixels
    np.testing.assert_array_equal(got[..., :3], want)
    np.testing.assert_array_equal(got[..., 3], pre[..., 3])
    np.testing.assert_array_equal(mk.cutout(content, premultiplied=True).pixels, got)
    np.testing.assert_array_equal(mk.cutout(pre, premultiplied=True).pixels, got)
    mask = np.full(pre.shape[:2], 255, np.uint8)
    mask[0, 0] = 0
    np.testing.assert_array_equal(mk.cutout(content, mask, premultiplied=True).color, got[..., :3])


def test_colours_are_converted_once_they_are_straight():
    profile = files.adobe_rgb_profile()
    pre = np.array([[[60, 30, 20, 120]]], np.uint8)
    got = mk.read(files.saved(pre, "PNG", icc_profile=profile), premultiplied=True, to_srgb=True)
    want = files.adobe_rgb_to_srgb(np.rint(pre[..., :3].astype(int) * 255 / 120) / 255) * 255
    assert got.icc is None
    np.testing.assert_allclose(got.pixels[..., :3], want, atol=2.5)


def test_without_alpha_it_is_refused():
    with pytest.raises(mk.CodecError, match="has no alpha, so it cannot be premultiplied"):
        mk.read(files.saved(np.zeros((4, 4, 3), np.uint8), "PNG"), premultiplied=True)


def test_the_command_line(tmp_path):
    straight, pre = disc((0.8, 0.3, 0.2))
    path, out = tmp_path / "cutout.png", tmp_path / "out.png"
    Image.fromarray(pre).save(path)
    assert b"looks premultiplied" in maskkit("inspect", path, check=1).stdout
    maskkit("inspect", path, "--premultiplied")
    maskkit("cutout", path, "-o", out, "--premultiplied")
    got = np.asarray(Image.open(out)).astype(int)
    solid = pre[..., 3] > 200
    assert np.abs(got[..., :3] - straight[..., :3])[solid].max() <= 1
