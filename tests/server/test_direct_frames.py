"""Animations at the direct door: what comes back is what the library makes, within the server's limits."""

import io
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

import maskkit as mk

from .conftest import running, settings

TIMES = [Fraction(1, 10), Fraction(3, 10), Fraction(1, 5)]


def frame(number):
    """A red square that moves before a green screen."""
    pixels = np.full((30, 40, 3), (0, 177, 64), np.uint8)
    pixels[5 + number : 20 + number, 10:30] = (200, 30, 40)
    return pixels


def mask(number):
    found = np.zeros((30, 40), np.uint8)
    found[5 + number : 20 + number, 10:30] = 255
    found[4 + number, 10:30] = 90
    return found


def animation(pictures, format="webp", **how):
    file = io.BytesIO()
    frames = (mk.Frame(mk.Picture(one), time) for one, time in zip(pictures, TIMES, strict=False))
    mk.write_frames(file, frames, format=format, **how)
    return file.getvalue()


def by_pillow(content):
    """Every frame as Pillow shows it, RGBA."""
    image = Image.open(io.BytesIO(content))
    return [(image.seek(n), np.asarray(image.convert("RGBA")))[1] for n in range(image.n_frames)]


CLIP = animation(map(frame, range(3)), plays=3, lossless=True)
MASKS = animation(map(mask, range(3)), "png")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frames")
    with running(settings(folder, engine="chroma", max_frames=3, max_pixels=3000)) as server:
        yield server


def post(service, files=None, **fields):
    return service.client.post("/frames", files={"photo": CLIP} | (files or {}), data=fields)


def refused(answer, code, *words):
    assert answer.status_code == code, answer.text
    assert all(word in answer.json()["message"] for word in words), answer.text


@pytest.mark.parametrize("format", ["apng", "webp", "gif"])
def test_an_animation_comes_back_with_a_mask_a_frame(service, format):
    answer = post(service, {"mask": MASKS}, format=format, lossless=True)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"image/{format}"
    assert answer.headers["x-mask-source"] == "given"
    read = mk.read_frames(answer.content)
    assert ([one.seconds for one in read], read.plays) == (TIMES, 3)
    for number, found in enumerate(by_pillow(answer.content)):
        seen = mask(number) >= 128
        assert np.array_equal(found[..., 3], np.where(seen, 255, 0) if format == "gif" else mask(number))
        assert np.array_equal(found[seen][:, :3], frame(number)[seen])


def test_it_is_what_the_library_makes(service):
    """Estimates, composited, to the byte."""
    fields = {"background": "#102030", "steady": 0.3, "plays": 2, "grow": 1.5}
    made = io.BytesIO()
    told = mk.frames(
        CLIP, made, source="chroma", backdrop="#102030", steady=0.3, plays=2, grow=1.5, format="webp"
    )
    answer = post(service, media_type="image/webp", **fields)
    assert answer.content == made.getvalue()
    assert answer.headers["x-mask-source"] == told.source
    assert answer.headers["x-mask-confidence"] == f"{told.confidence:.2f}"
    assert np.allclose(by_pillow(answer.content)[0][0, 0], (16, 32, 48, 255), atol=4), "WebP is lossy"


def test_masks_alone_and_one_mask_for_all(service):
    still = io.BytesIO()
    Image.fromarray(mask(1)).save(still, "PNG")
    answer = post(service, {"mask": still.getvalue()}, product="mask")
    assert answer.headers["content-type"] == "image/apng", "what there is first"
    for found in by_pillow(answer.content):
        assert np.array_equal(found[..., 0], mask(1))


def test_over_another_animation(service):
    behind = animation([np.full((30, 40, 3), shade, np.uint8) for shade in (20, 120, 220)], "png")
    answer = post(service, {"mask": MASKS, "backdrop": behind}, decontaminate=0)
    assert [one[0, 0, 0] for one in by_pillow(answer.content)] == [20, 120, 220]


def test_what_accept_asks_for(service):
    asked = {"files": {"photo": CLIP, "mask": MASKS}}
    for wanted in ("image/gif", "image/webp", "image/apng"):
        answer = service.client.post("/frames", headers={"accept": wanted}, **asked)
        assert answer.headers["content-type"] == wanted
    refused(service.client.post("/frames", headers={"accept": "image/png"}, **asked), 406, "image/apng")


def test_limits(service):
    four = animation(map(frame, [0, 1, 2]), "png")
    assert post(service, {"photo": four}).status_code == 200
    many = io.BytesIO()
    mk.write_frames(many, (mk.Frame(mk.Picture(frame(n)), TIMES[0]) for n in range(4)), format="gif")
    refused(post(service, {"photo": many.getvalue()}), 400, "photo", "at most 3 frames, got 4")
    large = animation([np.zeros((60, 60, 3), np.uint8)] * 2)
    refused(post(service, {"photo": large}), 400, "photo", "max_pixels is 3000")
    refused(post(service, {"mask": large}), 400, "mask", "max_pixels is 3000")
    refused(post(service, {"backdrop": large}), 400, "backdrop", "max_pixels is 3000")
    refused(post(service, canvas="100x100"), 400, "canvas", "3000")


def test_time(serving, tmp_path):
    at_once = serving(engine="chroma", compute_seconds=0.01)
    refused(post(at_once), 400, "took longer than 0.01 s")


def test_bad_input(service):
    refused(post(service, {"mask": animation(map(mask, range(2)), "png")}), 400, "mask", "3 frames, got 2")
    refused(post(service, {"photo": CLIP[:-40]}), 400, "cut short")
    refused(post(service, {"photo": b"no picture"}), 400, "photo", "not an image")
    refused(post(service, {"photo": b"\0\0\0\x18ftypmp42" + bytes(99)}), 400, "video", "path")
    refused(post(service, background="/etc/passwd"), 400)
    refused(post(service, trim="0"), 400, "trim")
    refused(post(service, steady=2), 422, "steady")
    refused(post(service, format="mp4"), 422, "format")
    refused(service.client.post("/frames", data={"steady": 1}, headers={}), 415, "multipart/form-data")
