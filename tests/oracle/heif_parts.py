"""A HEIC with pictures beside the photo, as phones write them: pillow-heif's, its boxes added to by hand.

References
----------
ISO/IEC 14496-12, 8.11 (meta, iloc, iref); ISO/IEC 23008-12, 6.5.8 (auxC).
"""

import io
import struct

import numpy as np
import pytest

MATTE = "urn:com:apple:photo:2018:aux:portraiteffectsmatte"
HAIR = "urn:com:apple:photo:2019:aux:semantichairmatte"
DEPTH = "urn:mpeg:hevc:2015:auxid:2"


def box(kind, content):
    return struct.pack(">I", 8 + len(content)) + kind + content


def boxes(content):
    """Kind to content of the boxes in a row."""
    at, found = 0, {}
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        found[content[at + 4 : at + 8]] = content[at + 8 : at + length]
        at += length
    return found


def photo_with(photo, parts):
    """The photo (H, W, 3), and for each URN of ``parts`` its grey (h, w), in one HEIC."""
    pillow_heif = pytest.importorskip("pillow_heif")
    from PIL import Image

    file = pillow_heif.from_pillow(Image.fromarray(photo))
    for grey in parts.values():
        file.add_from_pillow(Image.fromarray(grey))
    written = io.BytesIO()
    file.save(written, quality=-1)
    return with_aux(written.getvalue(), list(parts))


def with_aux(content, urns):
    """The file with its second and later items auxiliary to the first."""
    top = boxes(content)
    meta = boxes(top[b"meta"][4:])
    ipco, ipma = boxes_in_order(meta[b"iprp"])
    properties = len(list(walk(ipco)))
    ipco += b"".join(box(b"auxC", bytes(4) + urn.encode() + b"\0") for urn in urns)
    meta[b"iprp"] = box(b"ipco", ipco) + box(b"ipma", associated(ipma, properties))
    links = b"".join(box(b"auxl", struct.pack(">HHH", number, 1, 1)) for number in range(2, 2 + len(urns)))
    meta[b"iref"] = bytes(4) + links
    inner = bytes(4) + b"".join(box(kind, body) for kind, body in meta.items())
    grown = len(inner) - len(top[b"meta"])
    meta[b"iloc"] = moved(meta[b"iloc"], grown)
    top[b"meta"] = bytes(4) + b"".join(box(kind, body) for kind, body in meta.items())
    return b"".join(box(kind, body) for kind, body in top.items())


def shown_part(content, left, top, width, height):
    """An AVIF of one picture, of which a clean aperture (ISO/IEC 14496-12, 12.1.4) is to be shown."""
    from PIL import Image

    across, down = Image.open(io.BytesIO(content)).size
    offsets = struct.pack(">iIiI", 2 * left + width - across, 2, 2 * top + height - down, 2)
    clap = box(b"clap", struct.pack(">4I", width, 1, height, 1) + offsets)
    whole = boxes(content)
    meta = boxes(whole[b"meta"][4:])
    ipco, ipma = boxes_in_order(meta[b"iprp"])
    held = ipma[10]  # behind version, flags, the count of items and the number of the first
    ipma = ipma[:10] + bytes([held + 1]) + ipma[11:] + bytes([0x80 | len(list(walk(ipco))) + 1])
    meta[b"iprp"] = box(b"ipco", ipco + clap) + box(b"ipma", ipma)
    meta[b"iloc"] = moved(meta[b"iloc"], len(clap) + 1)
    whole[b"meta"] = whole[b"meta"][:4] + b"".join(box(kind, body) for kind, body in meta.items())
    return b"".join(box(kind, body) for kind, body in whole.items())


def walk(content):
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        yield content[at + 8 : at + length]
        at += length


def boxes_in_order(iprp):
    found = boxes(iprp)
    return found[b"ipco"], found[b"ipma"]


def associated(ipma, properties):
    """Each item but the first with one property more, those that were added in their order."""
    count, at = int.from_bytes(ipma[4:8], "big"), 8
    out = ipma[:8]
    for item in range(count):
        number, held = ipma[at : at + 2], ipma[at + 2]
        more = bytes([0x80 | properties + item]) if item else b""
        out += number + bytes([held + len(more)]) + ipma[at + 3 : at + 3 + held] + more
        at += 3 + held
    return out


def moved(iloc, grown):
    """Version 0 with offsets of 4 bytes and one extent each: all data has moved."""
    assert iloc[:5] == bytes(4) + b"\x44"
    head = 4 + (iloc[5] >> 4)  # the item, where its data lie, and a base of that
    entries = np.frombuffer(
        iloc[8:], np.dtype([("head", f"V{head}"), ("count", ">u2"), ("at", ">u4"), ("long", ">u4")])
    )
    entries = entries.copy()
    entries["at"] += grown
    return iloc[:8] + entries.tobytes()
