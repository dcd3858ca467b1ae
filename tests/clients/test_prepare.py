"""A photo on its way to a service comes in by the codec's door: the same refusals, the same redaction."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import maskkit as mk
from maskkit.clients.prepare import prepare

PHOTO = np.random.default_rng(9).integers(0, 256, (20, 30, 3), np.uint8)
SIGNATURE = "0123456789abcdef" * 4
BAD = {
    "missing": "missing.jpg",
    "NUL": "a\0b.jpg",
    "a directory": Path(),
    "a URL as a path": Path(f"https://store.example/a.jpg?X-Amz-Signature={SIGNATURE}"),
    "a URL": f"https://store.example/a.jpg?X-Amz-Signature={SIGNATURE}",
    "empty": b"",
    "text": b"no picture",
    "a file of text": io.StringIO("text"),
    "a list": [1],
    "None": None,
    "an int": 3,
}


def closed():
    file = io.BytesIO(mk.encode(PHOTO, "png"))
    file.close()
    return file


@pytest.mark.parametrize("photo", [*BAD.values(), closed()], ids=[*BAD, "closed"])
def test_a_bad_photo_is_refused_in_one_line_without_its_secrets(photo):
    with pytest.raises((mk.CodecError, mk.PixelError), match=r"^photo: ") as told:
        prepare(photo, 1000)
    assert SIGNATURE not in str(told.value)
    assert "\n" not in str(told.value)


def test_a_damaged_file_is_named_by_its_path(tmp_path):
    path = tmp_path / "short.jpg"
    path.write_bytes(mk.encode(PHOTO, "jpeg")[:-40])
    with pytest.raises(mk.CodecError, match=r"^photo: .*short\.jpg: damaged"):
        prepare(path, 1000)


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_what_the_service_takes_goes_as_it_is_from_every_kind_of_file(kind, tmp_path):
    content = mk.encode(PHOTO, kind)
    (tmp_path / "photo").write_bytes(content)
    forms = (tmp_path / "photo", content, bytearray(content), memoryview(content), io.BytesIO(content))
    for form in forms:
        made = prepare(form, 1000)
        assert made.upload.content == content
        assert made.upload.suffix == {"png": ".png", "jpeg": ".jpg"}[kind]
        np.testing.assert_array_equal(made.pixels(), mk.read(content).pixels)


def test_pixels_in_every_form_are_encoded():
    subject = mk.cutout(PHOTO, PHOTO[..., 0])
    webp = io.BytesIO(mk.encode(PHOTO, "webp", lossless=True))
    for form in (PHOTO, mk.Picture(PHOTO), Image.fromarray(PHOTO), webp):
        made = prepare(form, 1000)
        assert made.sent == (20, 30)
        np.testing.assert_array_equal(made.pixels(), PHOTO)
    np.testing.assert_array_equal(prepare(subject, 1000).pixels(), subject.pixels)
