"""How a photo's file is read, and a cutout's written, by the options of a recipe and on the command line."""

import io

import numpy as np
import pytest
from cli_process import maskkit
from oracle import files
from PIL import Image

import maskkit as mk

MASK = np.tri(16, 24, dtype=np.uint8) * 255
FRAMES = [np.full((16, 24, 3), (40 * number, 90, 200 - 40 * number), np.uint8) for number in range(4)]


def pages(pictures, kind="TIFF"):
    first, *rest = map(Image.fromarray, pictures)
    return files.saved(first, kind, save_all=True, append_images=rest)


def test_a_frame_of_the_photo_and_of_the_mask(tmp_path):
    photo, masks = pages(FRAMES), pages([MASK, MASK.T[:16, :].repeat(2, axis=1)[:, :24], 255 - MASK])
    made = mk.cutout(photo, masks, frame=2, mask_frame=2)
    np.testing.assert_array_equal(made.color, FRAMES[2])
    np.testing.assert_array_equal(made.alpha, 255 - MASK)
    asked = mk.Recipe.from_json(mk.Recipe(frame=2, mask_frame=2).to_json())
    np.testing.assert_array_equal(mk.cutout(photo, masks, recipe=asked).pixels, made.pixels)
    (tmp_path / "photo.tif").write_bytes(photo)
    (tmp_path / "mask.tif").write_bytes(masks)
    words = ["cutout", "photo.tif", "-m", "mask.tif", "-o", "out.png", "--frame", "2", "--mask-frame", "2"]
    said = maskkit(*words, cwd=tmp_path).stderr.decode()
    assert "the photo is frame 3 of 4" in said
    assert "the mask is frame 3 of 3" in said
    np.testing.assert_array_equal(mk.read(tmp_path / "out.png").pixels, made.pixels)
    with pytest.raises(mk.CodecError, match="frame 9 is asked for, it has 4"):
        mk.cutout(photo, masks, frame=9)
    with pytest.raises(mk.PixelError, match="frame: 1 of a file is asked for, got pixels"):
        mk.cutout(FRAMES[0], MASK, frame=1)


def test_an_engine_sees_the_frame_that_is_asked_for():
    scenes = [np.full((60, 60, 3), 240, np.uint8) for _ in range(2)]
    scenes[1][20:40, 20:40] = (180, 30, 30)
    alpha = mk.cutout(pages(scenes), source="classical", frame=1).alpha
    assert (alpha[30, 30], alpha[5, 5]) == (255, 0)


def test_a_sample_that_is_not_called_alpha(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    pixels = np.dstack([FRAMES[1], MASK])
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric="rgb", extrasamples=["unspecified"])
    made = mk.cutout(file.getvalue(), recipe=mk.Recipe(unnamed_alpha=True))
    np.testing.assert_array_equal(made.pixels, pixels)
    (tmp_path / "a.tif").write_bytes(file.getvalue())
    maskkit("cutout", "a.tif", "-o", "a.png", "--unnamed-alpha", cwd=tmp_path)
    np.testing.assert_array_equal(mk.read(tmp_path / "a.png").pixels, pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_associated_alpha_is_written_and_said(tmp_path, dtype):
    tifffile = pytest.importorskip("tifffile")
    top = np.iinfo(dtype).max
    pixels = np.random.default_rng(4).integers(0, top + 1, (9, 11, 4)).astype(dtype)
    content = mk.encode(pixels, "tiff", associated=True)
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        assert [int(one) for one in file.pages[0].extrasamples] == [1]
        stored = file.asarray()
    alpha = pixels[..., 3:].astype(np.uint64)
    np.testing.assert_array_equal(
        stored[..., :3], (2 * pixels[..., :3].astype(np.uint64) * alpha + top) // (2 * top)
    )
    np.testing.assert_array_equal(stored[..., 3], pixels[..., 3])
    found = mk.read(content).pixels
    seen = pixels[..., 3] > top // 2
    assert np.abs(found[seen].astype(int) - pixels[seen]).max() <= 1
    mk.write(tmp_path / "photo.png", FRAMES[1])
    mk.write(tmp_path / "mask.png", MASK)
    words = ["cutout", "photo.png", "-m", "mask.png", "--associated", "-o"]
    maskkit(*words, "out.tif", cwd=tmp_path)
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert [int(one) for one in file.pages[0].extrasamples] == [1]
    wrong = maskkit(*words, "out.png", cwd=tmp_path, check=1).stderr.decode()
    assert "png holds straight alpha; use tiff" in wrong
    assert not (tmp_path / "out.png").exists()
