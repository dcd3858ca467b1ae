import io

import numpy as np
import pytest
from PIL import Image

import maskkit as mk


def encoded(pixels, kind="PNG", **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def test_rgb_png_round_trips(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    mk.write(tmp_path / "a.png", pixels)
    np.testing.assert_array_equal(mk.read(tmp_path / "a.png").pixels, pixels)


def test_colour_is_refused_as_a_mask():
    with pytest.raises(mk.CodecError, match="colour"):
        mk.read_mask(encoded(np.eye(3, dtype=np.uint8).reshape(1, 3, 3) * 255))
