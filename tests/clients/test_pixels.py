"""The pixel side of Adobe's masks: what is uploaded, and what becomes of the file that comes back."""

import io
import logging
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maskkit import CodecError, ContractError, Job, MaskClient, MaskkitWarning, MissingExtraError, codec
from maskkit.clients.prepare import SIDES, prepare
from maskkit.clients.receive import cutout_of, mask_of
from maskkit.testing import FakeTime, ScriptedServer
from maskkit.testing.pictures import ellipse, sample_photo

SIZE = (48, 64)
MASK = ellipse(*SIZE)


def saved(image, format, **how):
    file = io.BytesIO()
    image.save(file, format, **how)
    return file.getvalue()


def png(array, mode=None):
    return saved(Image.fromarray(array, mode), "PNG")


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_what_the_service_takes_is_sent_byte_for_byte(format, tmp_path):
    content = saved(Image.open(io.BytesIO(sample_photo())), format)
    (tmp_path / "p").write_bytes(content)
    for photo in (content, tmp_path / "p", str(tmp_path / "p"), io.BytesIO(content), bytearray(content)):
        prepared = prepare(photo, 6000)
        assert prepared.upload.content == content
        assert prepared.size == prepared.sent == SIZE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_baked_into_the_upload(orientation):
    image = Image.open(io.BytesIO(sample_photo()))
    exif = Image.Exif()
    exif[0x0112] = orientation
    prepared = prepare(saved(image, "JPEG", exif=exif, quality=95), 6000)
    sent = Image.open(io.BytesIO(prepared.upload.content))
    assert sent.getexif().get(0x0112, 1) == 1
    assert prepared.size == prepared.sent == sent.size[::-1] == (SIZE if orientation < 5 else SIZE[::-1])


@pytest.mark.parametrize("mode", ["L", "P", "RGBA"])
def test_modes(mode):
    format = "PNG" if mode in ("P", "RGBA") else "JPEG"
    content = saved(Image.open(io.BytesIO(sample_photo())).convert(mode), format)
    sent = Image.open(io.BytesIO(prepare(content, 6000).upload.content))
    assert sent.mode in ("L", "RGB", "RGBA")
    assert sent.size == (64, 48)


def test_cmyk_is_converted():
    content = saved(Image.open(io.BytesIO(sample_photo())).convert("CMYK"), "JPEG")
    with pytest.warns(MaskkitWarning, match="CMYK"):
        prepared = prepare(content, 6000)
    assert Image.open(io.BytesIO(prepared.upload.content)).mode == "RGB"


@pytest.mark.parametrize("format", ["WEBP", "TIFF", "BMP", "AVIF"])
def test_formats_are_converted(format, caplog):
    caplog.set_level(logging.INFO)
    prepared = prepare(saved(Image.open(io.BytesIO(sample_photo())), format), 6000)
    assert prepared.upload.content[:3] == b"\xff\xd8\xff"
    assert "converted" in caplog.text


def test_heic_is_converted():
    heif = pytest.importorskip("pillow_heif", reason="pillow-heif is not installed")
    file = io.BytesIO()
    heif.from_pillow(Image.open(io.BytesIO(sample_photo()))).save(file)
    assert prepare(file.getvalue(), 6000).upload.suffix == ".jpg"


def test_heic_without_its_extra_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingExtraError, match=r"maskkit\[heif\]"):
        prepare(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 6000)


@pytest.mark.parametrize("side", [6000, 20])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, np.bool_])
@pytest.mark.parametrize("channels", [3, 4])
def test_arrays(dtype, channels, side):
    array = np.ones((30, 40, channels), dtype)
    prepared = prepare(array, side)
    assert prepared.upload.suffix == (".jpg" if channels == 3 else ".png")
    assert (prepared.size, prepared.sent) == ((30, 40), (30, 40) if side > 40 else (15, 20))
    assert Image.open(io.BytesIO(prepared.upload.content)).size == prepared.sent[::-1]


def test_a_photo_one_pixel_too_wide_for_v1():
    assert prepare(np.zeros((4, 10_000, 3), np.uint8), SIDES["v1"]).sent == (4, 10_000)
    assert prepare(np.zeros((4, 10_001, 3), np.uint8), SIDES["v1"]).sent == (4, 10_000)


@pytest.mark.parametrize("format", ["jpeg", "png"])
def test_a_photo_that_ends_early_is_told_before_it_is_ordered(format):
    photo = codec.encode(np.random.default_rng(3).integers(0, 256, (60, 80, 3), np.uint8), format)
    with ScriptedServer() as server, MaskClient(**server.options(), pace=FakeTime().pace()) as service:
        with pytest.raises(CodecError, match=r"^photo: damaged"):
            service.create_mask(photo[: len(photo) // 2])
        assert not server.received


def test_no_picture():
    for photo in (b"not a picture", b"\xff\xd8\xff broken", "nowhere.jpg"):
        with pytest.raises(CodecError):
            prepare(photo, 6000)


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_an_over_size_photo_comes_back_in_full_size_with_its_edge_in_place(api, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("maskkit.clients.talks.SIDES", {"v1": 300, "v2": 300})
    photo = sample_photo(720, 960)
    with ScriptedServer() as server, MaskClient(**server.options(api=api), pace=FakeTime().pace()) as service:
        mask = service.create_mask(photo, mask_type="binary")
        cutout = service.create_cutout(photo)
        assert [task.result is not None for task in server.tasks.values()] == [True, True]
    truth = ellipse(720, 960) >= 128
    assert mask.shape == truth.shape
    assert set(np.unique(mask)) == {0, 255}
    assert (mask.astype(bool) != truth).mean() < 0.004
    assert "scaled photo=960x720 sent=300x225" in caplog.text
    np.testing.assert_array_equal(cutout[..., :3], codec.read(photo).pixels[..., :3])


def test_a_photo_one_pixel_too_wide_for_v2(caplog):
    caplog.set_level(logging.INFO)
    photo = np.full((12, 6001, 3), 200, np.uint8)
    with ScriptedServer() as server:
        for api, width in (("v1", 6001), ("v2", 6000)):
            with MaskClient(**server.options(api=api), pace=FakeTime().pace()) as service:
                assert service.create_mask(photo).shape == (12, 6001)
            put = next(one for one in server.received if one.method == "PUT")
            assert Image.open(io.BytesIO(put.body)).size == (width, 12)
            server.received.clear()
    assert "scaled photo=6001x12 sent=6000x12" in caplog.text


def test_a_scaled_photo_whose_job_is_waited_for_later(monkeypatch):
    monkeypatch.setattr("maskkit.clients.talks.SIDES", {"v1": 300, "v2": 300})
    photo = sample_photo(720, 960)
    with ScriptedServer() as server, MaskClient(**server.options(), pace=FakeTime().pace()) as service:
        first, second = (Job.from_json(service.submit(photo).to_json()) for _ in range(2))
        assert service.wait(first, photo=photo).shape == (720, 960)
        with pytest.warns(MaskkitWarning, match="give wait"):
            assert service.wait(second).shape == (225, 300)


def test_adobes_own_example_makes_the_trip():
    """Known answer: the photo with the service's mask as alpha is Adobe's cutout, bit for bit."""
    shared = Path(os.environ.get("MASKKIT_SHARED", Path(__file__).parents[3] / "shared"))
    folder = shared / "data" / "adobe"
    if not folder.exists():
        pytest.skip("Adobe's example is not here (MASKKIT_SHARED)")
    answers = {name: (folder / f"{name}.png").read_bytes() for name in ("mask", "cutout")}
    result = lambda photo, kind, format: answers[kind]  # noqa: E731
    with ScriptedServer(result=result) as server:
        with MaskClient(**server.options(), pace=FakeTime().pace()) as service:
            mask = service.create_mask(folder / "original.jpg", mask_type="binary")
            cutout = service.create_cutout(folder / "original.jpg")
        assert server.received[0].body == (folder / "original.jpg").read_bytes()
    np.testing.assert_array_equal(cutout[..., 3], mask)


@pytest.mark.parametrize(
    "content",
    [
        png(MASK),
        png(np.dstack([MASK] * 3)),
        png(np.dstack([MASK, np.full_like(MASK, 255)])),
        png(np.dstack([MASK, MASK, MASK, np.full_like(MASK, 255)])),
        png(np.dstack([np.full_like(MASK, 255)] * 3 + [MASK])),
        codec.encode(MASK.astype(np.uint16) * 257, "png"),
    ],
    ids=["L", "RGB", "LA", "RGBA", "alpha", "16 bit"],
)
def test_masks_of_every_kind(content):
    np.testing.assert_array_equal(mask_of(content, format="soft", local=False, sent=SIZE), MASK)


def test_a_bilevel_mask():
    content = saved(Image.fromarray(MASK >= 128), "PNG")
    assert set(np.unique(mask_of(content, format="binary", local=False, sent=SIZE))) == {0, 255}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<Error>no</Error>", "not the picture"),
        (png(MASK)[:200], "not the picture"),
        (png(MASK[:, :-1]), "63x48"),
        (png(np.zeros((480, 640), np.uint8)), "max_pixels"),
        (png(np.dstack([MASK, MASK, 255 - MASK])), "colour"),
    ],
)
def test_a_mask_that_is_none(content, said):
    with pytest.raises(ContractError, match=said):
        mask_of(content, format="soft", local=False, sent=SIZE)


def test_binary_is_checked_on_v1_and_made_on_v2():
    with pytest.raises(ContractError, match="between"):
        mask_of(png(MASK), format="binary", local=False)
    np.testing.assert_array_equal(
        mask_of(png(MASK), format="binary", local=True), np.where(MASK >= 128, 255, 0)
    )


def test_an_empty_mask_is_told():
    with pytest.warns(MaskkitWarning, match="no subject"):
        mask_of(png(np.zeros(SIZE, np.uint8)), format="soft", local=False)


def test_cutouts():
    with pytest.raises(ContractError, match="alpha"):
        cutout_of(png(np.dstack([MASK] * 3)))
    assert cutout_of(png(np.dstack([MASK] * 4)), sent=SIZE).shape == (*SIZE, 4)
