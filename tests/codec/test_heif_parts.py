"""The matte and the depth map beside a photo in HEIC."""

import contextlib
import io

import numpy as np
import pytest
from cli_process import maskkit
from oracle.heif_parts import DEPTH, HAIR, MATTE, photo_with
from PIL import Image

import maskkit as mk

GAIN = "urn:com:apple:photo:2020:aux:hdrgainmap"
PHOTO = np.zeros((128, 192, 3), np.uint8)
PHOTO[:, :96] = (200, 30, 60)
MATTES = {
    MATTE: np.tile(np.linspace(0, 255, 96).astype(np.uint8), (64, 1)),
    HAIR: np.full((64, 96), 99, np.uint8),
    DEPTH: np.tile(np.linspace(255, 0, 64).astype(np.uint8)[:, None], (1, 96)),
    GAIN: np.full((64, 64), 77, np.uint8),
}


@pytest.fixture(scope="module")
def content():
    return photo_with(PHOTO, MATTES)


@pytest.mark.parametrize(
    ("part", "urn"), [("matte", MATTE), ("hair", HAIR), ("depth", DEPTH), ("hdrgainmap", GAIN)]
)
def test_each_part_comes_back_to_the_level(content, part, urn):
    np.testing.assert_array_equal(mk.read_mask(content, part=part), MATTES[urn])


def test_the_photo_is_as_it_was(content):
    assert mk.read(content).pixels.shape == PHOTO.shape
    with pytest.raises(mk.CodecError, match="is a colour picture"):
        mk.read_mask(content)


def test_a_part_as_the_mask_of_its_own_photo(content):
    want = mk.masks.resize(MATTES[MATTE], (192, 128))
    np.testing.assert_array_equal(mk.cutout(content, mask_part="matte").alpha, want)
    np.testing.assert_array_equal(mk.cutout(io.BytesIO(content), mask_part="matte").alpha, want)
    np.testing.assert_array_equal(mk.cutout(PHOTO, content, mask_part="matte").alpha, want)
    asked = mk.Recipe.from_json(mk.Recipe(mask_part="depth", mask_levels=(128, 255)).to_json())
    alpha = mk.cutout(content, recipe=asked).alpha
    assert (alpha[-1].max(), alpha[0].min()) == (0, 255)


def test_what_a_file_does_not_have(content):
    with pytest.raises(mk.CodecError, match="'skin' is asked for; it has matte, hair, hdrgainmap, depth"):
        mk.read_mask(content, part="skin")
    with pytest.raises(mk.CodecError, match="'matte' is asked for; it has none"):
        mk.read_mask(photo_with(PHOTO, {}), part="matte")
    with pytest.raises(mk.CodecError, match="only HEIC files have such parts"):
        mk.read_mask(mk.encode(PHOTO, "png"), part="matte")
    with pytest.raises(mk.PixelError, match="need that file, got pixels"):
        mk.cutout(PHOTO, mask_part="matte")
    with pytest.raises(mk.CodecError, match=r"matte has 6144 pixels, max_pixels is 6000|max_pixels is 6000"):
        mk.read_mask(content, part="matte", max_pixels=6000)


def test_a_damaged_file_raises_nothing_else(content):
    for cut in range(40, len(content), 97):
        with contextlib.suppress(mk.CodecError):
            mk.read_mask(content[:cut], part="matte")


def test_the_command_line_takes_a_part_and_lists_them(content, tmp_path):
    (tmp_path / "photo.heic").write_bytes(content)
    maskkit("cutout", "photo.heic", "-o", "out.png", "--mask-part", "matte", cwd=tmp_path)
    alpha = np.asarray(Image.open(tmp_path / "out.png"))[..., 3]
    np.testing.assert_array_equal(alpha, mk.masks.resize(MATTES[MATTE], (192, 128)))
    said = maskkit("info", "photo.heic", cwd=tmp_path).stdout.decode()
    assert "matte 96x64, hair 96x64, hdrgainmap 64x64, depth 96x64" in said
    wrong = maskkit("cutout", "photo.heic", "-o", "b.png", "--mask-part", "sky", cwd=tmp_path, check=1)
    assert "'sky' is asked for; it has matte" in wrong.stderr.decode()
