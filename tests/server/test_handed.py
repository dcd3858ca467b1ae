"""What a compositor is handed, through the direct doors: the right pixels, or a line that says why not."""

import io
import re

import numpy as np
import pytest
from handed import MASK, MASKS, MATTE, PHOTO, PHOTOS, check, png, with_parts
from PIL import Image

import maskkit as mk

ALL_WHITE = "the mask is all white"


def fields_of(options):
    """The command's options as fields of a form."""
    found, words = {}, list(options)
    while words:
        name = words.pop(0)[2:].replace("-", "_")
        name = {"levels": "mask_levels", "class": "mask_class"}.get(name, name)
        found[name] = words.pop(0) if words and not words[0].startswith("--") else "true"
    return found


def told_by(answer):
    """What is said beside the picture or in its place; that these masks are all white is no news."""
    if answer.status_code != 200:
        return answer.text
    warned = answer.headers.get("x-maskkit-warning", "").split(" | ")
    return " | ".join(one for one in warned if not one.startswith(ALL_WHITE))


def shared(said):
    """What a command says but for its advice, which names its own options, and for the file."""
    return re.split("; |[;,] --|--", said)[0].removeprefix("the photo ").removeprefix("the mask ")


@pytest.mark.parametrize("row", PHOTOS)
def test_a_photo_comes_right_or_is_told_of(service, row):
    asked = PHOTOS[row]()
    files = {"photo": asked.content, "mask": png(np.full((20, 30), 255, np.uint8))}
    answer = service.client.post("/cutout", files=files, data=fields_of(asked.options) | {"format": "png"})
    assert answer.status_code == (400 if asked.code else 200), answer.text
    if asked.code == 0:
        check(mk.read(answer.content), asked.shown)
    told = told_by(answer)
    assert told == "" if asked.said in ("", ALL_WHITE) else shared(asked.said) in told


@pytest.mark.parametrize("row", MASKS)
def test_a_mask_comes_right_or_is_told_of(service, row):
    asked = MASKS[row]()
    files = {"photo": png(PHOTO), "mask": asked.content}
    answer = service.client.post("/mask", files=files, data=fields_of(asked.options))
    assert answer.status_code == (400 if asked.code else 200), answer.text
    if asked.code == 0:
        made = np.asarray(Image.open(io.BytesIO(answer.content)))
        np.testing.assert_array_equal(
            made if made.dtype == np.uint8 else made >> 8, asked.shown.get("mask", MASK)
        )
    told = told_by(answer)
    assert told == "" if asked.said in ("", ALL_WHITE) else shared(asked.said) in told


def test_the_matte_of_a_heic(service):
    answer = service.client.post("/mask", files={"photo": with_parts()}, data={"mask_part": "matte"})
    np.testing.assert_array_equal(mk.read_mask(answer.content), MATTE)
    wrong = service.client.post("/mask", files={"photo": with_parts()}, data={"mask_part": "sky"})
    assert wrong.status_code == 400
    assert "'sky' is asked for; it has matte" in wrong.text
