"""Files of several pictures: counted, said, and chosen from."""

import io

import numpy as np
import pytest
from cli_process import maskkit
from oracle import files
from PIL import Image, ImageSequence

import maskkit as mk

FRAMES = [np.full((16, 24, 3), (40 * number, 90, 200 - 40 * number), np.uint8) for number in range(4)]


def several(kind):
    first, *rest = (Image.fromarray(one) for one in FRAMES)
    lossless = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}}.get(kind, {})
    return files.saved(first, kind, save_all=True, append_images=rest, **lossless)


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "PNG", "WEBP", "AVIF"])
def test_any_frame_can_be_read(kind):
    content = several(kind)
    shown = [
        np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(Image.open(io.BytesIO(content)))
    ]
    for number, want in enumerate(shown):
        np.testing.assert_array_equal(mk.read(content, frame=number).pixels[..., :3], want)
        assert np.abs(want.astype(int) - FRAMES[number]).max() < 4
    np.testing.assert_array_equal(mk.read(content).pixels[..., :3], shown[0])
    for frame in (4, -1):
        with pytest.raises(mk.CodecError, match=f"frame {frame} is asked for, it has 4"):
            mk.read(content, frame=frame)


def test_pages_of_16_bits_and_masks():
    tifffile = pytest.importorskip("tifffile")
    pages = np.random.default_rng(3).integers(0, 65536, (3, 9, 8, 4)).astype(np.uint16)
    file = io.BytesIO()
    tifffile.imwrite(file, pages, photometric="rgb", extrasamples=["unassalpha"])
    np.testing.assert_array_equal(mk.read(file.getvalue(), frame=2).pixels, pages[2])
    file = io.BytesIO()
    planes = np.ascontiguousarray(np.moveaxis(pages, 3, 1))
    kind = {"photometric": "rgb", "planarconfig": "separate", "extrasamples": ["unassalpha"]}
    tifffile.imwrite(file, planes, metadata=None, **kind)
    np.testing.assert_array_equal(mk.read(file.getvalue(), frame=1).pixels, pages[1])
    first, *rest = (Image.fromarray(page[..., 0] >> 8).convert("L") for page in pages)
    masks = files.saved(first, "TIFF", save_all=True, append_images=rest)
    np.testing.assert_array_equal(mk.read_mask(masks, frame=1), pages[1, ..., 0] >> 8)


def test_the_command_line_counts(tmp_path):
    photo, out = tmp_path / "photo.webp", tmp_path / "out.png"
    photo.write_bytes(several("WEBP"))
    mask = tmp_path / "mask.png"
    mk.write(mask, np.tri(16, 24, dtype=np.uint8) * 255)
    run = maskkit("cutout", photo, "-m", mask, "-o", out)
    assert b"the photo is frame 1 of 4" in run.stderr
    assert b"1 of 4" in maskkit("info", photo).stdout
    assert b'"frames": 4' in maskkit("info", photo, "--json").stdout
    assert b"frame" not in maskkit("info", mask).stdout
