"""Writing pictures and masks: what comes back, and what is refused."""

import io
import math
import os
import stat
import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from oracle import files
from PIL import Image, ImageCms

import maskkit as mk

rng = np.random.default_rng(6)
PHOTO = rng.integers(0, 256, (24, 31, 3), np.uint8)
CUTOUT = rng.integers(0, 256, (24, 31, 4), np.uint8)
EXTENSIONS = ("png", "jpg", "jpeg", "webp", "tif", "tiff", "avif")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_the_extension_says_the_format(extension, tmp_path):
    path = tmp_path / f"a.{extension.upper()}"
    mk.write(path, PHOTO)
    kind = {"jpg": "JPEG", "tif": "TIFF"}.get(extension, extension.upper())
    with Image.open(path) as image:
        assert image.format == kind
        assert image.size == (31, 24)
    file = io.BytesIO()
    mk.write(file, PHOTO, format=extension)
    assert file.getvalue() == path.read_bytes() == mk.encode(PHOTO, extension)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("extension", ["png", "tiff"])
def test_every_sample_comes_back(extension, dtype):
    top = np.iinfo(dtype).max
    for shape in ((24, 31), (24, 31, 3), (24, 31, 4), (700, 500, 4), (1, 1), (1, 1, 3)):
        array = rng.integers(0, top + 1, shape).astype(dtype)
        array.flat[0] = top  # a mask that is all dark is warned of
        content = mk.encode(array, extension, compression="small" if array.size < 9999 else "fast")
        got = mk.read(content).pixels if array.ndim == 3 else mk.read_mask(content)
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, array)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_is_what_tifffile_reads(dtype):
    tifffile = pytest.importorskip("tifffile")
    for shape in ((24, 31), (24, 31, 3), (24, 31, 4), (900, 400, 3)):
        array = rng.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)
        with tifffile.TiffFile(
            io.BytesIO(mk.encode(mk.Picture(array, SRGB, dpi=(240.0, 120.0)), "tiff"))
        ) as file:
            np.testing.assert_array_equal(file.asarray(), array)
            tags = file.pages[0].tags
            assert ("InterColorProfile" in tags) == (array.ndim == 3)  # a grey file holds no profile for RGB
            assert array.ndim == 2 or tags["InterColorProfile"].value == SRGB
            assert Fraction(*tags["XResolution"].value) == 240


def test_webp_lossless_keeps_colour_under_alpha_0():
    cutout = CUTOUT.copy()
    cutout[::2, :, 3] = 0
    np.testing.assert_array_equal(mk.read(mk.encode(cutout, "webp", lossless=True)).pixels, cutout)


def test_lossy_webp_keeps_the_likeness_of_colour_under_alpha_0():
    y, x = np.mgrid[:64, :64]
    cutout = np.dstack([x * 4, y * 4, 255 - x * 4, np.where(x < 32, 255, 0)]).astype(np.uint8)
    got = mk.read(mk.encode(cutout, "webp")).pixels.astype(int)
    np.testing.assert_array_equal(got[..., 3], cutout[..., 3])
    assert np.abs(got[..., :3] - cutout[..., :3])[:, 32:].mean() < 4


def test_quality_buys_likeness():
    y, x = np.mgrid[:96, :128]
    smooth = np.dstack([x * 2, y * 2, (x + y)]).astype(np.uint8)
    for extension in ("jpeg", "webp", "avif"):
        errors, sizes = [], []
        for quality in (20, 95):
            content = mk.encode(smooth, extension, quality=quality)
            errors.append(np.abs(mk.read(content).pixels.astype(int) - smooth).mean())
            sizes.append(len(content))
        assert errors[1] < min(errors[0], 2)
        assert sizes[1] > sizes[0]
    for quality in (0, 101, 7.5, "high"):
        with pytest.raises(mk.PixelError, match="quality"):
            mk.encode(smooth, "jpeg", quality=quality)


@pytest.mark.parametrize("extension", ["png", "jpeg", "webp", "tiff", "avif"])
def test_what_the_picture_knows_is_kept(extension):
    exif = files.exif(1, t0x010e="a description")
    picture = mk.read(mk.encode(mk.Picture(PHOTO, SRGB, exif, (300.0, 150.0)), extension))
    assert picture.icc == SRGB
    record = Image.Exif()
    record.load(picture.exif)
    assert record[0x010F] == "Maker"
    assert record[0x010E] == "a description"
    assert record.get(0x0112, 1) == 1
    if extension in ("png", "jpeg", "tiff"):  # the others say it in the EXIF, which is kept as it is
        assert picture.dpi == pytest.approx((300, 150), abs=0.02)


@pytest.mark.parametrize("extension", ["png", "jpeg", "webp", "tiff", "avif"])
def test_dpi_without_exif_is_kept(extension):
    assert mk.read(mk.encode(mk.Picture(PHOTO, dpi=(300.0, 150.0)), extension)).dpi == pytest.approx(
        (300, 150), abs=0.02
    )


def test_exif_of_a_photo_goes_through_tiff_with_its_sub_directories():
    record = Image.Exif()
    record[0x010F] = "Maker"
    record.get_ifd(0x8769)[0x9003] = "2026:01:02 03:04:05"
    record.get_ifd(0x8825)[1] = "N"
    photo = mk.read(files.saved(PHOTO, "JPEG", exif=record.tobytes()))
    for depth in (np.uint8, np.uint16):
        tiff = mk.encode(photo.with_pixels(photo.pixels.astype(depth)), "tiff")
        again = Image.Exif()
        again.load(mk.read(tiff).exif)
        assert again[0x010F] == "Maker"
        assert again.get_ifd(0x8769)[0x9003] == "2026:01:02 03:04:05"
        assert again.get_ifd(0x8825)[1] == "N"


DAMAGED_EXIF = {
    "no header": b"Exif\0\0nonsense",
    "cut": files.exif(1)[:30],
    "directory outside": b"Exif\0\0II*\0\xf0\xf0\0\0",
    "sub-directory outside": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\xff\xff\xff\x7f\0\0\0\0",
    "sub-directory as text": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x02\0\x04\0\0\0abc\0\0\0\0\0",
}


@pytest.mark.parametrize("extension", ["png", "jpeg", "webp", "tiff", "avif"])
@pytest.mark.parametrize("damage", DAMAGED_EXIF)
def test_a_damaged_exif_does_not_cost_the_file(extension, damage):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        content = mk.encode(mk.Picture(PHOTO, exif=DAMAGED_EXIF[damage]), extension)
    assert all(one.category is mk.MaskkitWarning and "exif" in str(one.message) for one in caught)
    assert mk.read(content).size == (31, 24)


def test_a_damaged_exif_is_warned_of_where_it_is_left_out():
    for extension in ("tiff", "avif"):
        with pytest.warns(mk.MaskkitWarning, match="exif: is damaged"):
            content = mk.encode(mk.Picture(PHOTO, exif=DAMAGED_EXIF["no header"]), extension)
        assert mk.read(content).exif is None


@pytest.mark.parametrize("extension", ["png", "jpeg", "webp", "tiff", "avif"])
@pytest.mark.parametrize(
    "dpi", [(-1, -1), (0, 72), (1e12, 1e12), (math.nan, 72), (72, math.inf), (72,), "72", 72]
)
def test_a_resolution_that_is_none_is_refused(extension, dpi):
    with pytest.raises(mk.PixelError, match="dpi: need two numbers"):
        mk.encode(mk.Picture(PHOTO, dpi=dpi), extension)


@pytest.mark.parametrize(("extension", "most"), [("jpeg", 65500), ("webp", 16383), ("avif", 32768)])
def test_sides_longer_than_the_format_reads_are_refused(extension, most, capfd):
    for shape in ((1, most + 1), (most + 1, 1)):
        with pytest.raises(
            mk.CodecError, match=f"cannot be written as {extension}, which holds up to {most}"
        ):
            mk.encode(np.zeros((*shape, 3), np.uint8), extension)
    assert mk.read(mk.encode(np.zeros((1, most, 3), np.uint8), extension)).size == (most, 1)
    assert capfd.readouterr() == ("", "")


def test_closed_files_and_files_of_the_other_direction(tmp_path):
    closed = io.BytesIO(mk.encode(PHOTO, "png"))
    closed.close()
    for verb in (mk.read, mk.read_mask):
        with pytest.raises(mk.CodecError, match="cannot be read: I/O operation on closed file"):
            verb(closed)
    with pytest.raises(mk.CodecError, match="cannot be written: I/O operation on closed file"):
        mk.write(closed, PHOTO, format="png")
    with (tmp_path / "a.png").open("wb") as file, pytest.raises(mk.CodecError, match="cannot be read"):
        mk.read(file)
    (tmp_path / "b.png").touch()
    with (tmp_path / "b.png").open("rb") as file, pytest.raises(mk.CodecError, match="cannot be written"):
        mk.write(file, PHOTO, format="png")


def test_transparency_into_jpeg_is_refused_unless_there_is_a_ground():
    with pytest.raises(mk.CodecError, match=r"jpeg holds no transparency; give background="):
        mk.encode(CUTOUT, "jpeg")
    opaque = CUTOUT.copy()
    opaque[..., 3] = 255
    np.testing.assert_array_equal(
        mk.read(mk.encode(opaque, "jpeg")).pixels, mk.read(mk.encode(opaque[..., :3], "jpeg")).pixels
    )
    with pytest.raises(mk.CodecError, match="transparent itself"):
        mk.encode(CUTOUT, "jpeg", background="#fff8")
    with pytest.raises(mk.PixelError, match="CSS colour"):
        mk.encode(CUTOUT, "jpeg", background="nocolour")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_ground_is_exact(dtype):
    top = np.iinfo(dtype).max
    image = rng.integers(0, top + 1, (13, 17, 4)).astype(dtype)
    got = mk.read(mk.encode(image, "png", background="rgb(12 200 255)")).pixels
    ground = [value * (top // 255) for value in (12, 200, 255)]
    for y, x, c in np.ndindex(13, 17, 3):
        alpha = Fraction(int(image[y, x, 3]), top)
        exact = int(image[y, x, c]) * alpha + ground[c] * (1 - alpha)
        assert got[y, x, c] == math.floor(exact + Fraction(1, 2))


def test_float_and_bool():
    ramp = np.linspace(0, 1, 256 * 4, dtype=np.float32).reshape(32, 32)
    for extension in ("png", "tiff"):
        got = mk.read_mask(mk.encode(ramp, extension))
        assert got.dtype == np.uint16
        np.testing.assert_array_equal(got, np.floor(ramp.astype(np.float64) * 65535 + 0.5))
        np.testing.assert_array_equal(
            mk.read_mask(mk.encode(ramp > 0.5, extension)), np.where(ramp > 0.5, 255, 0)
        )
    assert mk.read(mk.encode(np.dstack([ramp] * 3), "jpeg")).pixels.dtype == np.uint8
    with pytest.raises(mk.CodecError, match="lossless: webp holds 8 bits"):
        mk.encode(ramp, "webp", lossless=True)


@pytest.mark.parametrize("extension", ["png", "tiff"])
def test_a_bool_mask_is_white_in_pillow_and_opencv(extension):
    mask = np.zeros((16, 16), bool)
    mask[4:12, 4:12] = True
    encoded = mk.encode(mask, extension)
    white = np.where(mask, 255, 0)
    assert (np.asarray(Image.open(io.BytesIO(encoded)).convert("L")) == white).all()
    assert (cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED) == white).all()


@pytest.mark.parametrize(
    ("picture", "text"),
    [
        (np.zeros((4, 4), np.int32), "int32"),
        (np.zeros((4, 4, 3), np.int64), "int64"),
        (np.full((4, 4), np.nan), "NaN"),
        (np.full((4, 4), 1.5), "0 to 1"),
        (np.zeros((4, 4, 2), np.uint8), "shape"),
        (np.zeros((0, 4, 3), np.uint8), "no pixels"),
        (None, "picture: need .*NoneType"),
        (7, "picture: need .*int"),
    ],
)
def test_what_is_no_picture_is_refused(picture, text, tmp_path):
    with pytest.raises(mk.PixelError, match=text):
        mk.write(tmp_path / "a.png", picture)
    assert not list(tmp_path.iterdir())


def test_unknown_formats_and_options_are_refused(tmp_path):
    for name in ("a.xyz", "a", "a.png.exe"):
        with pytest.raises(mk.CodecError, match="unknown extension"):
            mk.write(tmp_path / name, PHOTO)
    with pytest.raises(mk.CodecError, match="'xyz' is unknown"):
        mk.encode(PHOTO, "xyz")
    with pytest.raises(mk.CodecError, match=r"a\.psd: maskkit does not write PSD; need one of \.png"):
        mk.write(tmp_path / "a.psd", PHOTO)
    with pytest.raises(mk.CodecError, match="format: maskkit does not write GIF; need one of png, jpeg"):
        mk.encode(PHOTO, "gif")
    with pytest.raises(mk.CodecError, match="say which format"):
        mk.write(io.BytesIO(), PHOTO)
    for extension in ("jpeg", "avif"):
        with pytest.raises(mk.CodecError, match="lossless"):
            mk.encode(PHOTO, extension, lossless=True)
    with pytest.raises(mk.PixelError, match="compression"):
        mk.encode(PHOTO, "png", compression="best")
    assert not list(tmp_path.iterdir())


def test_inputs_are_not_written_to():
    for array in (PHOTO, CUTOUT, CUTOUT[::2, ::-1], PHOTO.astype(np.uint16)):
        before = array.copy()
        array.flags.writeable = False
        for extension in ("png", "jpeg", "webp", "tiff", "avif"):
            mk.encode(array, extension, background="white")
        np.testing.assert_array_equal(array, before)


def test_folders_that_cannot_be_written_to(tmp_path):
    with pytest.raises(mk.CodecError, match="the folder does not exist"):
        mk.write(tmp_path / "no" / "a.png", PHOTO)
    (tmp_path / "a.png").mkdir()
    with pytest.raises(mk.CodecError, match="is a folder"):
        mk.write(tmp_path / "a.png", PHOTO)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if not os.access(locked, os.W_OK):
        with pytest.raises(mk.CodecError, match="Permission denied"):
            mk.write(locked / "b.png", PHOTO)
    locked.chmod(0o700)
    assert not list(locked.iterdir())


def test_a_new_file_s_permissions_and_links(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    (tmp_path / "real.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("real.png")
    mk.write(tmp_path / "link.png", PHOTO)
    assert (tmp_path / "link.png").is_symlink()
    assert mk.read(tmp_path / "real.png").size == (31, 24)
    assert stat.S_IMODE((tmp_path / "real.png").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    assert {path.name for path in tmp_path.iterdir()} == {"plain", "real.png", "link.png"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_devices_are_written_to_and_not_replaced():
    with pytest.raises(mk.CodecError, match="No space left"):
        mk.write("/dev/full", PHOTO, format="png")
    mk.write("/dev/null", PHOTO, format="png")
    assert Path("/dev/null").is_char_device()
    assert Path("/dev/full").is_char_device()


def test_a_full_file_object_is_one_error():
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(mk.CodecError, match="No space left"):  # noqa: PTH123
        mk.write(full, PHOTO, format="png")


def test_atomic_replaces_regular_files_only(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(mk.CodecError, match="device or a pipe"), mk.codec.atomic(pipe):
        pass
    locked = tmp_path / "locked.png"
    locked.write_bytes(b"kept")
    locked.chmod(0o400)
    if not os.access(locked, os.W_OK):
        with pytest.raises(mk.CodecError, match="read-only"):
            mk.write(locked, PHOTO)
        assert locked.read_bytes() == b"kept"


@pytest.mark.parametrize("extension", ["png", "jpeg", "webp", "tiff", "avif"])
def test_a_picture_is_upright_whatever_its_exif_says(extension):
    content = mk.encode(mk.Picture(PHOTO, exif=files.exif(6)), extension)
    assert mk.read(content).size == (31, 24)
    with Image.open(io.BytesIO(content)) as image:
        assert image.getexif().get(0x0112, 1) == 1


FILL = """
import resource, signal, sys
import numpy as np
import maskkit as mk
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
noise = np.random.default_rng(0).integers(0, 256, (600, 600, 3), np.uint8)
for name in sys.argv[1:]:
    try:
        mk.write(name, noise)
    except mk.CodecError as error:
        print(error)
"""


def test_a_disk_that_fills_up_leaves_what_was_there(tmp_path):
    pytest.importorskip("resource", reason="no limits of resources on this system")
    names = [str(tmp_path / f"a.{extension}") for extension in ("png", "tiff", "webp", "jpg")]
    Path(names[0]).write_bytes(b"as it was")
    out = subprocess.run(
        [sys.executable, "-c", FILL, *names], capture_output=True, text=True, check=True
    ).stdout
    assert out.count("cannot be written: File too large") == 4
    assert Path(names[0]).read_bytes() == b"as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def interrupted(target):
    with mk.codec.atomic(target) as temporary:
        temporary.write_text("second")
        raise KeyboardInterrupt


def test_atomic_leaves_nothing_behind_an_error(tmp_path):
    target = tmp_path / ("n" * 250 + ".txt")  # as long as a name may be
    with mk.codec.atomic(target) as temporary:
        temporary.write_text("first")
    with pytest.raises(KeyboardInterrupt):
        interrupted(target)
    assert target.read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_large_pictures_are_written_in_little_memory(tmp_path):
    """Beyond the input and the file, under 16 MB: a child measures its own peak."""
    code = f"""
import resource, numpy as np, maskkit as mk
ramp = (np.arange(3000 * 4000 * 4, dtype=np.uint32) % 251).astype(np.uint8).reshape(3000, 4000, 4)
small = ramp[:64]
mk.write({str(tmp_path / "small.png")!r}, small)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
mk.write({str(tmp_path / "large.png")!r}, ramp)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("ru_maxrss is in kB on Linux only")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(out) < 16
    assert cv2.imread(str(tmp_path / "large.png"), cv2.IMREAD_UNCHANGED).shape == (3000, 4000, 4)


@pytest.mark.parametrize("kind", ["png", "tiff", "jpeg", "webp", "avif"])
def test_a_grey_file_holds_no_profile_for_rgb(kind):
    mask = mk.Picture(np.full((16, 16), 90, np.uint8), files.adobe_rgb_profile())
    found = Image.open(io.BytesIO(mk.encode(mask, kind)))
    assert "icc_profile" not in found.info


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_bits_are_those_asked_for(kind):
    share = np.linspace(0, 1, 512).reshape(2, 256)
    eight = np.asarray(Image.open(io.BytesIO(mk.encode(share, kind, bits=8))))
    assert eight.dtype == np.uint8
    np.testing.assert_array_equal(eight, np.floor(share * 255 + 0.5))
    deep = mk.read_mask(mk.encode(share, kind))
    np.testing.assert_array_equal(deep, np.floor(share * 65535 + 0.5))
    wide = mk.read_mask(mk.encode(eight, kind, bits=16))
    np.testing.assert_array_equal(wide, eight.astype(np.uint16) * 257)
    with pytest.raises(mk.CodecError, match="bits: jpeg holds 8 bits"):
        mk.encode(eight, "jpeg", bits=16)
    with pytest.raises(mk.PixelError, match="bits: need 8 or 16"):
        mk.encode(eight, kind, bits=12)
