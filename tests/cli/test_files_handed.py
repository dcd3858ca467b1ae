"""What a compositor is handed, through the command line: the right pixels, or one line of what was lost."""

import io
import struct
from dataclasses import dataclass, field

import numpy as np
import pytest
from cli_process import maskkit
from oracle import files
from PIL import Image

import maskkit as mk

rng = np.random.default_rng(18)
PHOTO = rng.integers(0, 256, (20, 30, 3), np.uint8)
RGBA = rng.integers(0, 256, (20, 30, 4), np.uint8)
MASK = np.zeros((20, 30), np.uint8)
MASK[5:15, 8:22] = 255
TALL = np.ascontiguousarray(np.rot90(MASK, -1))


@dataclass
class Row:
    """A file and what a command makes of it: ``said`` once in its one line, or the samples ``shown``."""

    content: bytes
    options: tuple[str, ...] = ()
    said: str = ""
    code: int = 0
    shown: dict[str, object] = field(default_factory=dict)


def tiff(array, **options):
    file = io.BytesIO()
    pytest.importorskip("tifffile").imwrite(file, array, **options)
    return file.getvalue()


def bmp(header):
    """32 bits a pixel, by BITMAPINFOHEADER (40 bytes), or V4 (108) whose masks tell the alpha."""
    rows = RGBA[::-1][..., [2, 1, 0, 3]].tobytes()
    head = struct.pack("<IiiHHIIiiII", header, 30, 20, 1, 32, 0, len(rows), 0, 0, 0, 0)
    head += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) if header > 40 else b""
    head += b"\0" * (header - len(head))
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(rows), 0, 0, 14 + len(head)) + head + rows


def small_gif():
    """A frame of 4x4 at the corner of a canvas of 30x20, no colour transparent."""
    frame = Image.fromarray(np.full((4, 4), 1, np.uint8)).convert("P")
    frame.putpalette([255, 0, 0, 0, 255, 0])
    content = bytearray(files.saved(frame, "GIF"))
    content[6:10] = struct.pack("<HH", 30, 20)
    return bytes(content)


def animated(kind):
    first, *more = (Image.fromarray(np.roll(PHOTO, at, 0)) for at in range(16))
    return files.saved(first, kind, save_all=True, append_images=more)


def coded(transfer, primaries=9):
    return files.png(PHOTO, files.RGB, 8, before=files.chunk(b"cICP", bytes([primaries, transfer, 0, 1])))


def gamma_1():
    return files.png(
        np.full((20, 30, 1), 128), files.GREY, 8, before=files.chunk(b"gAMA", struct.pack(">I", 100000))
    )


def deep_heic():
    heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    deep = np.full((20, 30, 3), 65535, np.uint16)
    heif.from_bytes("RGB;16", (30, 20), deep.tobytes()).save(file, quality=-1)
    return file.getvalue()


def deep_avif():
    codecs = pytest.importorskip("imagecodecs")
    return codecs.avif_encode(np.full((20, 30, 3), 1023, np.uint16), bitspersample=10, level=100)


def planes(dtype, called):
    array = np.ascontiguousarray(np.moveaxis(RGBA.astype(dtype) * (np.iinfo(dtype).max // 255), 2, 0))
    return tiff(array, photometric="rgb", planarconfig="separate", extrasamples=[called])


LEFT_OUT = "does not call it alpha, so it is left out; --unnamed-alpha takes it"
HDR = "has HDR colours ({}), and would be shown as SDR; --tone-map brings it to sRGB"
PHOTOS = {
    "gamma 1": lambda: Row(gamma_1(), ("--to-srgb",), shown={"grey": 188}),
    "PQ": lambda: Row(coded(16), said=HDR.format("PQ"), code=1),
    "HLG": lambda: Row(coded(18), ("--to-srgb",), said=HDR.format("HLG"), code=1),
    "PQ asked for": lambda: Row(coded(16), ("--tone-map",), shown={"icc": None}),
    "P3": lambda: Row(coded(13, 12), shown={"colour": PHOTO, "icc": "Display P3"}),
    "CMYK": lambda: Row(
        files.saved(Image.new("CMYK", (30, 20)), "JPEG"),
        said="is CMYK, not RGB; --to-srgb converts it",
        code=1,
    ),
    "AVIF of 10 bits": lambda: Row(deep_avif(), shown={"colour": np.uint16(65535)}),
    "HEIC of 10 bits": lambda: Row(deep_heic(), shown={"colour": np.uint16(65535)}),
    "planes, straight": lambda: Row(
        planes(np.uint16, "unassalpha"), shown={"rgba": RGBA.astype(np.uint16) * 257}
    ),
    "planes, unspecified": lambda: Row(
        planes(np.uint8, "unspecified"), said=LEFT_OUT, shown={"colour": RGBA[..., :3]}
    ),
    "planes, taken": lambda: Row(planes(np.uint8, "unspecified"), ("--unnamed-alpha",), shown={"rgba": RGBA}),
    "fourth sample": lambda: Row(
        tiff(RGBA, photometric="rgb", extrasamples=["unspecified"]),
        said=LEFT_OUT,
        shown={"colour": RGBA[..., :3]},
    ),
    "grey and a second": lambda: Row(
        tiff(RGBA[..., :2], photometric="minisblack", planarconfig="contig"),
        said=LEFT_OUT,
        shown={"colour": RGBA[..., :1]},
    ),
    "floats": lambda: Row(
        tiff((RGBA / 255).astype(np.float32), photometric="rgb", extrasamples=["unassalpha"]),
        shown={"rgba": RGBA.astype(np.uint16) * 257},
    ),
    "JPEG XL inside": lambda: Row(
        tiff(PHOTO, photometric="rgb", compression="jpegxl", compressionargs={"lossless": True})
        if pytest.importorskip("imagecodecs")
        else b"",
        shown={"colour": PHOTO},
    ),
    "BMP": lambda: Row(bmp(40), said=LEFT_OUT, shown={"colour": RGBA[..., :3]}),
    "BMP V4": lambda: Row(bmp(108), shown={"rgba": RGBA}),
    "GIF": lambda: Row(small_gif(), shown={"clear": (10, 20)}),
    "cut by one byte": lambda: Row(
        files.saved(PHOTO, "TIFF", icc_profile=files.adobe_rgb_profile(), compression="tiff_lzw")[:-1],
        said="is cut short",
        code=1,
    ),
    "pixels cut": lambda: Row(mk.encode(PHOTO, "tiff")[:-500], said="pixels lie beyond its end", code=1),
    "frames": lambda: Row(animated("GIF"), said="the photo is frame 1 of 16"),
    "a frame": lambda: Row(
        animated("TIFF"),
        ("--frame", "5"),
        said="the photo is frame 6 of 16",
        shown={"colour": np.roll(PHOTO, 5, 0)},
    ),
    "no such frame": lambda: Row(
        animated("PNG"), ("--frame", "16"), said="frame 16 is asked for, it has 16", code=1
    ),
    "PSD": lambda: Row(b"8BPS\0\1" + b"\0" * 30, said="is a PSD file", code=1),
    "EXR": lambda: Row(b"v/1\1" + b"\0" * 60, said="is an EXR file", code=1),
    "not premultiplied": lambda: Row(
        files.saved(PHOTO, "PNG"), ("--premultiplied",), said="has no alpha", code=1
    ),
}


@pytest.mark.parametrize("row", PHOTOS)
def test_a_photo_comes_right_or_a_line_says_what_is_lost(row, tmp_path):
    asked = PHOTOS[row]()
    (tmp_path / "photo.any").write_bytes(asked.content)
    Image.fromarray(np.full((20, 30), 255, np.uint8)).save(tmp_path / "mask.png")
    run = maskkit(
        "cutout",
        "photo.any",
        "-m",
        "mask.png",
        "-o",
        "out.png",
        *asked.options,
        cwd=tmp_path,
        check=asked.code,
    )
    lines = [line for line in run.stderr.decode().splitlines() if "the mask is all white" not in line]
    if not asked.said:
        assert lines == []
    else:
        assert len(lines) == 1, lines
        assert asked.said in lines[0]
        assert "photo.any" in lines[0]
    assert (tmp_path / "out.png").exists() is (asked.code == 0)
    if asked.code == 0:
        _check(mk.read(tmp_path / "out.png"), asked.shown)


def _check(picture, shown):
    pixels = picture.pixels
    for what, value in shown.items():
        if what == "icc":
            assert (picture.icc is None) is (value is None)
            assert value is None or value.encode("utf-16-be") in picture.icc or value.encode() in picture.icc
        elif what == "grey":
            assert np.unique(pixels[..., :3]).tolist() == [value]
        elif what == "clear":
            assert pixels[..., 3][value[0], value[1]] == 0
            assert pixels[0, 0].tolist() == [0, 255, 0, 255]
        else:
            got, want = pixels if what == "rgba" else pixels[..., :3], np.asarray(value)
            assert got.dtype == want.dtype
            np.testing.assert_array_equal(got, np.broadcast_to(want, got.shape))


NUMBERS = (MASK // 255 * 7).astype(np.uint8)


def palette():
    image = Image.fromarray(NUMBERS).convert("L")
    image = image.convert("P")
    image.putdata(NUMBERS.ravel().tolist())
    image.putpalette(rng.integers(0, 256, 768).astype(np.uint8).tobytes())
    return files.saved(image, "PNG")


def of_floats(top):
    return tiff(MASK / 255 * np.float32(top))


def png(array, **options):
    return files.saved(array, "PNG", **options)


DIM = "highest level is {}, so next to nothing is kept; --levels auto brings it to white, --class N takes"
MASKS = {
    "8 bits": lambda: Row(png(MASK)),
    "0 and 1": lambda: Row(png(MASK // 255), said=DIM.format("1 of 255"), shown={"mask": MASK // 255}),
    "0 and 1, 16 bits": lambda: Row(png((MASK // 255).astype(np.uint16)), ("--levels", "auto")),
    "levels": lambda: Row(png(MASK // 255), ("--levels", "0,1")),
    "a class": lambda: Row(png(NUMBERS), ("--class", "7")),
    "no class": lambda: Row(png(NUMBERS), ("--class", "6"), said="the mask has no 6; it has 0, 7", code=1),
    "a palette": lambda: Row(palette(), said="is a colour picture; a mask is grey; --class N takes", code=1),
    "a palette's class": lambda: Row(palette(), ("--class", "7")),
    "floats": lambda: Row(of_floats(1)),
    "floats a hair above": lambda: Row(of_floats(1.0000001)),
    "floats above": lambda: Row(of_floats(1.00001), said="float samples from 0 to 1.00001", code=1),
    "its alpha": lambda: Row(png(np.dstack([PHOTO * 0, MASK]))),
    "grey of its alpha": lambda: Row(png(np.dstack([MASK, MASK]))),
    "a cutout": lambda: Row(
        png(np.dstack([PHOTO, MASK])), said="--mask-channel alpha, luminance or red says which", code=1
    ),
    "a cutout's alpha": lambda: Row(png(np.dstack([PHOTO, MASK])), ("--mask-channel", "alpha")),
    "its red": lambda: Row(png(np.dstack([MASK, PHOTO[..., 1:]])), ("--mask-channel", "red")),
    "a profile for RGB": lambda: Row(png(MASK, icc_profile=files.adobe_rgb_profile())),
    "another size": lambda: Row(
        png(MASK[::2, ::2].copy()), said="need 30x20 (width x height)", code=1
    ),
    "other proportions": lambda: Row(
        png(MASK[:, :20].copy()), ("--resize-mask",), said="--stretch-mask scales it all the same", code=1
    ),
    "swapped": lambda: Row(png(TALL), said="width and height are swapped", code=1),
    "of 16 frames": lambda: Row(
        files.saved(
            Image.fromarray(MASK), "TIFF", save_all=True, append_images=[Image.fromarray(MASK // 2)] * 15
        ),
        said="the mask is frame 1 of 16",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", MASKS)
def test_a_mask_comes_right_or_a_line_says_why_not(row, tmp_path):
    asked = MASKS[row]()
    (tmp_path / "mask.any").write_bytes(asked.content)
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    run = maskkit(
        "mask", "photo.png", "-m", "mask.any", "-o", "out.png", *asked.options, cwd=tmp_path, check=asked.code
    )
    lines = run.stderr.decode().splitlines()
    assert len(lines) == bool(asked.said), lines
    assert asked.said in "".join(lines)
    if asked.code == 0:
        made = Image.open(tmp_path / "out.png")
        assert made.mode == "L"
        assert "icc_profile" not in made.info
        np.testing.assert_array_equal(np.asarray(made), asked.shown.get("mask", MASK))


def test_a_mask_that_ignores_exif_is_turned_with_the_photo(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PHOTO).save(tmp_path / "photo.jpg", exif=exif)
    Image.fromarray(MASK).save(tmp_path / "mask.png")
    asked = ("mask", "photo.jpg", "-m", "mask.png", "-o", "out.png")
    told = maskkit(*asked, cwd=tmp_path, check=1).stderr.decode()
    assert told.rstrip().endswith("--resize-mask turns it as the photo is turned")
    maskkit(*asked, "--resize-mask", cwd=tmp_path)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out.png")), TALL)


@pytest.mark.parametrize("name", ["out.avif", "out.webp", "out.png", "out.tif"])
def test_alpha_is_exact_in_every_format(name, tmp_path):
    ramp = np.resize(np.arange(256), (20, 30)).astype(np.uint8)
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    Image.fromarray(ramp).save(tmp_path / "mask.png")
    for more in ((), ("--quality", "40")):
        maskkit("cutout", "photo.png", "-m", "mask.png", "-o", name, *more, cwd=tmp_path)
        np.testing.assert_array_equal(mk.read(tmp_path / name).pixels[..., 3], ramp)
    maskkit("mask", "photo.png", "-m", "mask.png", "-o", name, cwd=tmp_path)
    np.testing.assert_array_equal(mk.read_mask(tmp_path / name), ramp)


@pytest.mark.parametrize("name", ["out.jpg", "out.png", "out.tif"])
def test_a_file_that_tells_no_resolution_gets_none(name, tmp_path):
    (tmp_path / "photo.tif").write_bytes(
        tiff(PHOTO, photometric="rgb", resolution=(1, 1), resolutionunit="none")
    )
    Image.fromarray(MASK).save(tmp_path / "mask.png")
    maskkit("composite", "photo.tif", "-m", "mask.png", "-b", "white", "-o", name, cwd=tmp_path)
    with Image.open(tmp_path / name) as made:
        assert made.info.get("jfif_unit", 0) == 0
        assert name != "out.png" or "dpi" not in made.info
    assert b"none" in maskkit("info", name, cwd=tmp_path).stdout.split(b"dpi:")[1].splitlines()[0]


@pytest.mark.parametrize(("content", "told"), [
    (lambda: coded(16), "HDR, PQ (--tone-map brings it to sRGB)"),
    (lambda: files.saved(Image.new("CMYK", (30, 20)), "JPEG"), "CMYK (--to-srgb converts it)"),
    (lambda: files.saved(Image.new("LAB", (30, 20)), "TIFF"), "LAB (--to-srgb converts it)"),
])  # fmt: skip
def test_info_describes_what_is_read_only_on_request(content, told, tmp_path):
    (tmp_path / "photo.any").write_bytes(content())
    facts = maskkit("info", "photo.any", cwd=tmp_path).stdout.decode()
    assert told in facts
    assert "30x20" in facts


def test_a_cutout_as_jpeg_is_told_the_option_that_it_has(tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    Image.fromarray(MASK).save(tmp_path / "mask.png")
    asked = ("cutout", "photo.png", "-m", "mask.png", "-o", "out.jpg")
    assert b"give --background a colour" in maskkit(*asked, cwd=tmp_path, check=1).stderr
    maskkit(*asked, "--background", "white", cwd=tmp_path)
    assert min(Image.open(tmp_path / "out.jpg").getpixel((0, 0))) > 250


def test_flat_grey_stays_flat_however_it_is_enlarged(tmp_path):
    grey = np.full((20, 30, 4), 128, np.uint8)
    grey[..., 3] = rng.integers(0, 2, (20, 30)) * 255
    Image.fromarray(grey).save(tmp_path / "grey.png")
    asked = ("--canvas", "200x200", "-b", "transparent", "--scale", "3")
    maskkit("composite", "grey.png", *asked, "-o", "out.png", cwd=tmp_path)
    made = mk.read(tmp_path / "out.png").pixels
    assert np.unique(made[made[..., 3] > 0][:, :3]).tolist() == [128]
