"""The door: what a verb is given as a picture comes in whole, and costs nothing where it is an array."""

import io
import os
import subprocess
import sys
import typing
import warnings

import numpy as np
import pytest
from oracle import files
from PIL import Image, ImageCms

import maskkit as mk
from maskkit import codec

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PHOTO = np.random.default_rng(9).integers(0, 256, (20, 30, 3), np.uint8)
GREY = PHOTO[..., 0]


def test_a_file_that_is_written_again_keeps_what_it_knows(tmp_path):
    mk.write(tmp_path / "photo.png", mk.Picture(PHOTO, SRGB, files.exif(1), (300.0, 150.0)))
    for form in (tmp_path / "photo.png", (tmp_path / "photo.png").read_bytes()):
        mk.write(tmp_path / "again.tiff", form)
        again = mk.read(tmp_path / "again.tiff")
        np.testing.assert_array_equal(again.pixels, PHOTO)
        assert (again.icc, again.dpi) == (SRGB, pytest.approx((300, 150), abs=0.02))
        assert again.exif


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_grey_is_written_grey(dtype):
    grey = GREY.astype(dtype) * (257 if dtype == np.uint16 else 1)
    content = mk.encode(grey, "png")
    for form in (content, io.BytesIO(content), Image.open(io.BytesIO(content)), grey[..., None], grey[None]):
        assert mk.encode(form, "png") == content


def test_a_cutout_is_written_with_its_alpha():
    subject = mk.cutout(PHOTO, GREY)
    np.testing.assert_array_equal(mk.read(mk.encode(subject, "png")).pixels, subject.pixels)


def test_a_row_of_colours_is_no_mask_with_an_axis_too_many():
    row = PHOTO[:1]
    np.testing.assert_array_equal(mk.read(mk.encode(row, "png")).pixels, row)
    with pytest.raises(mk.PixelError, match="three channels differ"):
        mk.invert(row)
    np.testing.assert_array_equal(mk.invert(np.repeat(row[..., :1], 3, 2)), 255 - row[..., 0])


def test_floats_that_rounding_took_over_1_are_written_as_white():
    over = np.array([[0, 0.5, 1.0000001]], np.float32)
    assert over.max() > 1
    np.testing.assert_array_equal(mk.read_mask(mk.encode(over, "png")), [[0, 32768, 65535]])
    np.testing.assert_array_equal(mk.cutout(PHOTO[:1, :3], over).alpha, [[0, 128, 255]])
    picture = mk.Picture(np.dstack([over] * 3))
    np.testing.assert_array_equal(mk.read(mk.encode(picture, "png")).pixels[..., 0], [[0, 32768, 65535]])


@pytest.mark.parametrize("verb", [mk.read, mk.read_mask, codec.load])
def test_the_old_name_of_file_goes_on_with_a_warning(verb):
    content = mk.encode(GREY, "png")
    with pytest.warns(DeprecationWarning, match=f"source of {verb.__name__} is called file now"):
        old = verb(source=content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        new = verb(file=content)
    if isinstance(new, mk.Picture):
        old, new = old.pixels, new.pixels
    assert old == new if verb is codec.load else np.array_equal(old, new)


@pytest.mark.parametrize(
    ("call", "verb", "given", "meant"),
    [
        (lambda: mk.read(b"", max_pixel=3), "read", "max_pixel", "max_pixels"),
        (lambda: mk.read_mask(b"", pixels=3), "read_mask", "pixels", "max_pixels"),
        (lambda: mk.encode(GREY, "webp", qualty=3), "encode", "qualty", "quality"),
        (lambda: mk.write("a.png", GREY, losless=True), "write", "losless", "lossless"),
    ],
)
def test_a_misspelt_option_names_the_nearest(call, verb, given, meant):
    with pytest.raises(mk.PixelError) as told:
        call()
    assert str(told.value) == f"{given}: is no option of {verb}; did you mean {meant!r}?"


@pytest.mark.parametrize("verb", [mk.apply_mask, mk.over, mk.refine, mk.feather, mk.write, mk.encode])
def test_annotations_can_be_looked_up(verb):
    assert typing.get_type_hints(verb)


def test_arrays_need_no_pillow():
    program = """
import sys
import numpy as np
import maskkit as mk
photo, mask = np.zeros((4, 4, 3), np.uint8), np.eye(4, dtype=np.uint8)
mk.apply_mask(photo, mask); mk.over(photo, photo); mk.feather(mask, 1); mk.decontaminate(photo, mask)
mk.trimap(mask, 1); mk.composite(photo, photo, mask); mk.despill(photo)
print(sorted({"PIL", "httpx"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_no_variable_is_new_while_a_thread_decodes(tmp_path):
    """A native library's getenv in the thread beside an import that adds a variable can end the process."""
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "photo.jpg")
    program = """
import os, sys
from maskkit.codec.opening import ahead
opened = ahead("photo.jpg")
known = set(os.environ)
import cv2, numpy, maskkit.matting, maskkit.engines.weight_free
assert "cv2" in sys.modules
print(sorted(set(os.environ) - known), opened.result().image.size)
"""
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, check=True, text=True)
    assert done.stdout == "[] (8, 8)\n"
