"""Files of layers between maskkit and GIMP and Krita: what they write, and what they show of ours."""

import io
import os
import shutil
import struct
import subprocess
import zipfile

import numpy as np
import pytest
from oracle import files
from PIL import Image, ImageCms

import maskkit as mk

rng = np.random.default_rng(31)
PHOTO = rng.integers(0, 256, (20, 30, 3), np.uint8)
MASK = rng.integers(0, 256, (20, 30), np.uint8)


def cutout(dtype):
    return mk.cutout(PHOTO.astype(dtype) * (257 if dtype == np.uint16 else 1), MASK)


def counted(content):
    return struct.pack(">I", len(content)) + content


def grey_psd(layer, mask, at, canvas):
    """As GIMP 2.10 writes grey: one colour, 16 bits in the plain layer section."""
    form = layer.dtype.newbyteorder(">")
    top, left = at
    box = struct.pack(">4i", top, left, top + layer.shape[0], left + layer.shape[1])
    planes = {-1: layer[..., 1], 0: layer[..., 0], -2: mask}
    packed = [b"\0\0" + plane.astype(form).tobytes() for plane in planes.values()]
    channels = b"".join(
        struct.pack(">hI", number, len(one)) for number, one in zip(planes, packed, strict=True)
    )
    extra = counted(box + b"\0\0\0\0") + counted(b"") + b"\x01a\0\0"
    record = box + struct.pack(">H", 3) + channels + b"8BIMnorm" + bytes([255, 0, 8, 0]) + counted(extra)
    info = struct.pack(">h", -1) + record + b"".join(packed)
    height, width = canvas.shape[:2]
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 2, height, width, 8 * layer.itemsize, 1)
    merged = b"\0\0" + np.moveaxis(canvas, 2, 0).astype(form).tobytes()
    return head + counted(b"") + counted(b"") + counted(counted(info + bytes(len(info) % 2))) + merged


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_psd_of_grey_is_read_as_colour(dtype):
    top = np.iinfo(dtype).max
    layer = rng.integers(0, top, (5, 7, 2), dtype, endpoint=True)
    mask = rng.integers(0, top, (5, 7), dtype, endpoint=True)
    canvas = rng.integers(0, top, (20, 30, 2), dtype, endpoint=True)
    canvas[..., 1] = np.where(canvas[..., 0] > top // 2, top, 0)
    found = mk.read_layers(grey_psd(layer, mask, (-2, 9), canvas))
    (got,) = found.layers
    np.testing.assert_array_equal(got.pixels, layer[..., [0, 0, 0, 1]])
    np.testing.assert_array_equal(got.mask, mask)
    assert got.position == (9, -2)
    opaque = canvas[..., 1] == top
    np.testing.assert_array_equal(found.merged.pixels[opaque], canvas[opaque][:, [0, 0, 0, 1]])
    assert (found.merged.pixels[~opaque][:, 3] == 0).all()


def test_the_root_of_an_openraster_file_is_no_group():
    """Krita gives the picture itself the name "root"."""
    stack = (
        '<image w="30" h="20"><stack name="root"><stack name="people" isolation="isolate">'
        '<layer name="photo" src="mergedimage.png" x="-3" y="4" opacity="0.6" composite-op="svg:multiply"/>'
        "</stack></stack></image>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", stack)
        archive.writestr("mergedimage.png", files.saved(PHOTO, "PNG"))
    (got,) = mk.read_layers(file.getvalue()).layers
    assert (got.name, got.group) == ("photo", ("people",))
    assert (got.position, got.opacity, got.mode) == ((-3, 4), 0.6, "multiply")


def test_layers_of_16_bits_say_that_they_are_srgb(tmp_path):
    """Krita takes 16 bits without a profile for linear light in a PSD, and asks in an OpenRaster file."""

    def said(icc):
        return icc is not None and ImageCms.getProfileDescription(io.BytesIO(icc)).strip() == "sRGB"

    for dtype, told in ((np.uint8, False), (np.uint16, True)):
        cutout(dtype).save_layers(tmp_path / "made.psd", "teal")
        cutout(dtype).save_layers(tmp_path / "made.ora", "teal")
        _, found, rest = (tmp_path / "made.psd").read_bytes().partition(b"8BIM\x04\x0f\0\0")
        assert said(rest[4 : 4 + int.from_bytes(rest[:4])] if found else None) is told
        with zipfile.ZipFile(tmp_path / "made.ora") as archive:
            names = [name for name in archive.namelist() if name.startswith("data/")]
            assert len(names) == 3  # backdrop, photo, mask
            for name in names:
                image = Image.open(io.BytesIO(archive.read(name)))
                assert said(image.info.get("icc_profile")) is told


GIMP = """
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{path}" "")))
       (layer (vector-ref (cadr (gimp-image-get-layers image)) 0)))
  (gimp-image-select-rectangle image CHANNEL-OP-REPLACE 8 6 5 4)
  (gimp-context-set-foreground '(255 255 255))
  (gimp-drawable-edit-fill (car (gimp-layer-get-mask layer)) FILL-FOREGROUND)
  (gimp-selection-none image)
  (gimp-file-save RUN-NONINTERACTIVE image layer "{retouched}" "")
  (file-png-save RUN-NONINTERACTIVE image (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE))
                 "{flat}" "" 0 9 0 0 0 0 0)
  (gimp-quit 0))
"""


@pytest.mark.service
@pytest.mark.skipif(not shutil.which("gimp"), reason="needs GIMP")
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_mask_retouched_in_gimp_comes_back_exactly(dtype, tmp_path):
    made, path = cutout(dtype), tmp_path / "made.psd"
    made.save_layers(path, "teal", mode="multiply", opacity=0.6)
    places = {"retouched": tmp_path / "retouched.psd", "flat": tmp_path / "flat.png"}
    words = ["gimp", "-i", "-d", "-f", "-b", GIMP.format(path=path, **places)]
    home = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run(words, check=True, capture_output=True, timeout=240, env=home)
    want = made.alpha.copy()
    want[6:10, 8:13] = np.iinfo(dtype).max
    found = mk.read_layers(places["retouched"])
    subject = found.layer("subject")
    np.testing.assert_array_equal(subject.mask, want)
    np.testing.assert_array_equal(subject.pixels, made.pixels[..., :3])
    assert (subject.mode, [one.name for one in found.layers]) == ("multiply", ["backdrop", "subject"])
    shown = mk.read(places["flat"]).pixels[..., :3]
    merged = mk.cutout(made.pixels[..., :3], want).over("teal", mode="multiply", opacity=0.6).pixels[..., :3]
    top = np.iinfo(dtype).max
    # GIMP multiplies with floats, and a PSD's opacity has 8 bits
    assert np.abs(shown.astype(int) - merged).max() <= top / 255
