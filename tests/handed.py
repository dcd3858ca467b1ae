"""Files that a compositor is handed, and what is to come of each: the right pixels, or one line."""

import io
import struct
from dataclasses import dataclass, field

import numpy as np
import pytest
from oracle import files, heif_parts
from PIL import Image

import maskkit as mk

rng = np.random.default_rng(18)
PHOTO = rng.integers(0, 256, (20, 30, 3), np.uint8)
RGBA = rng.integers(0, 256, (20, 30, 4), np.uint8)
PHOTO_AND_BORDER = np.zeros((40, 60, 3), np.uint8)
PHOTO_AND_BORDER[8:28, 10:40] = 255
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


def straight(pre):
    """Associated alpha to straight: ``min(255, round(255 c / a))``, 0 under alpha 0."""
    colour, alpha = pre[..., :3].astype(int), pre[..., 3:].astype(int)
    colour = np.where(alpha, np.minimum((2 * colour * 255 + alpha) // np.maximum(2 * alpha, 1), 255), 0)
    return np.dstack([colour, alpha]).astype(np.uint8)


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


def other_pages():
    """Grey of 8 bits, then RGBA of 16 in planes, straight."""
    file = io.BytesIO()
    with pytest.importorskip("tifffile").TiffWriter(file) as pages:
        pages.write(MASK, photometric="minisblack", metadata=None)
        deep = np.ascontiguousarray(np.moveaxis(RGBA.astype(np.uint16) * 257, 2, 0))
        how = {"photometric": "rgb", "planarconfig": "separate", "extrasamples": ["unassalpha"]}
        pages.write(deep, **how, metadata=None)
    return file.getvalue()


def bmp_masks(bits, masks, words):
    """A BMP V4 of ``words``, whose header says by masks which bits are red, green, blue and alpha."""
    stride = -(-words.shape[1] * bits // 32) * 4
    rows = b"".join(row.astype(f"<u{bits // 8}").tobytes().ljust(stride, b"\0") for row in words[::-1])
    head = struct.pack("<IiiHHIIiiII", 108, words.shape[1], words.shape[0], 1, bits, 3, len(rows), 0, 0, 0, 0)
    head = (head + struct.pack("<4I", *masks)).ljust(108, b"\0")
    return b"BM" + struct.pack("<IHHI", 122 + len(rows), 0, 0, 122) + head + rows


def fives(alpha):
    """5 bits a colour and 1 of alpha, and what is to come of it."""
    level = RGBA[..., :3].astype(np.uint32) >> 3
    words = (
        level[..., 0] << 10 | level[..., 1] << 5 | level[..., 2] | (RGBA[..., 3].astype(np.uint32) >> 7) << 15
    )
    shown = np.dstack([(level * 255 + 15) // 31, (RGBA[..., 3] >> 7) * 255]).astype(np.uint8)
    content = bmp_masks(16, (0x7C00, 0x3E0, 0x1F, 0x8000 if alpha else 0), words)
    return Row(content, shown={"rgba": shown} if alpha else {"colour": shown[..., :3]})


def with_parts():
    """A HEIC with a portrait matte beside a flat photo."""
    return heif_parts.photo_with(np.full((64, 96, 3), 90, np.uint8), {heif_parts.MATTE: MATTE})


MATTE = np.tile(np.linspace(0, 255, 96).astype(np.uint8), (64, 1))


def white_heic():
    file = io.BytesIO()
    white = Image.new("RGB", (30, 20), "white")
    pytest.importorskip("pillow_heif").from_pillow(white).save(file, quality=-1)
    return file.getvalue()


def grey_heic():
    """Of 10 bits, white: what a depth map or a mask may be."""
    heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    deep = np.full((20, 30), 65535, np.uint16)
    heif.from_bytes("I;16", (30, 20), deep.tobytes()).save(file, quality=-1)
    return file.getvalue()


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
    "HEIC": lambda: Row(white_heic(), shown={"colour": np.uint8(255)}),
    "a part of an AVIF": lambda: Row(
        heif_parts.shown_part(mk.encode(PHOTO_AND_BORDER, "avif", quality=100), 10, 8, 30, 20),
        shown={"white": (30, 20)},
    ),
    "TIFF of 10 bits": lambda: Row(
        tiff(np.full((20, 30, 3), 1023, np.uint16), photometric="rgb", bitspersample=10),
        shown={"colour": np.uint16(65535)},
    ),
    "associated": lambda: Row(
        tiff(RGBA, photometric="rgb", extrasamples=["assocalpha"]), shown={"rgba": straight(RGBA)}
    ),
    "a page of another kind": lambda: Row(
        other_pages(),
        ("--frame", "1"),
        said="the photo is frame 2 of 2",
        shown={"rgba": RGBA.astype(np.uint16) * 257},
    ),
    "BMP of 16 bits": lambda: fives(alpha=True),
    "BMP of 15 bits": lambda: fives(alpha=False),
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
    "HEIC, grey of 10 bits": lambda: Row(
        grey_heic(), said="the mask is all white", shown={"mask": np.full((20, 30), 255, np.uint8)}
    ),
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


def check(picture, shown):
    """The picture has what a row shows."""
    pixels = picture.pixels
    for what, value in shown.items():
        if what == "icc":
            assert (picture.icc is None) is (value is None)
            assert value is None or value.encode("utf-16-be") in picture.icc or value.encode() in picture.icc
        elif what == "white":
            assert picture.size == value
            assert pixels[..., :3].min() > 250
        elif what == "grey":
            assert np.unique(pixels[..., :3]).tolist() == [value]
        elif what == "clear":
            assert pixels[..., 3][value[0], value[1]] == 0
            assert pixels[0, 0].tolist() == [0, 255, 0, 255]
        else:
            got, want = pixels if what == "rgba" else pixels[..., :3], np.asarray(value)
            assert got.dtype == want.dtype
            np.testing.assert_array_equal(got, np.broadcast_to(want, got.shape))
