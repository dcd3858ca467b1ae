"""Files made by hand or by Pillow for the tests of the codec."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# Adam7: first row, first column, row step, column step of each pass
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def packed_rows(samples, bits):
    """Rows of (H, W, C) samples with filter 0, packed to ``bits`` a sample."""
    rows = b""
    for row in samples.reshape(samples.shape[0], -1):
        if bits == 16:
            content = row.astype(">u2").tobytes()
        elif bits == 8:
            content = row.astype(np.uint8).tobytes()
        else:
            padded = np.zeros(-(-row.size * bits // 8) * 8 // bits, np.uint8)
            padded[: row.size] = row
            content = np.packbits((padded[:, None] >> np.arange(bits)[::-1] & 1).astype(np.uint8)).tobytes()
        rows += b"\0" + content
    return rows


def png(samples, kind, bits, *, interlaced=False, before=b""):
    """A PNG straight from the specification; ``before`` is put before the pixels."""
    height, width = samples.shape[:2]
    samples = samples.reshape(height, width, CHANNELS[kind])
    if interlaced:
        passes = (samples[top::down, left::across] for top, left, down, across in ADAM7)
        rows = b"".join(packed_rows(part, bits) for part in passes if part.size)
    else:
        rows = packed_rows(samples, bits)
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + before
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def saved(picture, kind, **options):
    """The bytes of a file that Pillow writes."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif(orientation=1, **tags):
    record = Image.Exif()
    record[0x0112] = orientation
    record[0x010F] = "Maker"
    for tag, value in tags.items():
        record[int(tag[1:], 16)] = value
    return record.tobytes()


ADOBE_RGB = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
GAMMA = 563 / 256


def adobe_rgb_profile():
    """A matrix profile with Adobe RGB's primaries and gamma, from the ICC specification (v2, D50)."""

    def xyz(values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    text = b"wide colours\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563) + b"\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * (78 + 3),
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
        **{name + b"XYZ": xyz(column) for name, column in zip((b"r", b"g", b"b"), ADOBE_RGB.T, strict=True)},
        **{name + b"TRC": curve for name in (b"r", b"g", b"b")},
    }
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(">I4xI", at + len(body), 0x02100000) + b"mntrRGB XYZ " + b"\0" * 12 + b"acsp"
    head += b"\0" * 28 + struct.pack(">3i", 63190, 65536, 54061)
    return head + b"\0" * (128 - len(head)) + table + body


def adobe_rgb_to_srgb(values):
    """The same in float64: values 0-1 of Adobe RGB as sRGB, clipped."""
    linear = np.linalg.solve(SRGB, ADOBE_RGB @ (np.asarray(values, float) ** GAMMA).reshape(-1, 3).T).T.clip(
        0, 1
    )
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return encoded.reshape(np.shape(values))
