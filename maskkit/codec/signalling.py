"""What a file says of its colours beside an ICC profile: PNG's chunks, and the nclx of AVIF and HEIC.

The first of these counts (PNG Third Edition, 4.3): cICP, iCCP, sRGB, gAMA with cHRM. An ICC profile in AVIF
and HEIC goes before nclx (ISO/IEC 23008-12, 6.5.5). What is no sRGB becomes an ICC profile, so that it is
converted, kept and written as any other.
"""

from __future__ import annotations

import math
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from maskkit.codec.png_layout import chunks

if TYPE_CHECKING:
    from PIL import Image

    from maskkit.codec.matrix_profiles import XY, Curve

__all__ = ["HDR", "HDR_SPACE", "tell_colours"]

HDR = "maskkit hdr"
"""The key of ``Image.info`` that holds the name of an HDR transfer, or why the colours are not known."""
HDR_SPACE = "maskkit hdr space"
"""The key of its primaries and the name of its transfer, where both are known: `tone.to_sdr` takes them."""

# H.273, table 2: primaries by code; white is D65 unless it is said.
_D65 = (0.3127, 0.3290)
_PRIMARIES: dict[int, tuple[str, XY]] = {
    4: ("BT.470 M", ((0.310, 0.316), (0.67, 0.33), (0.21, 0.71), (0.14, 0.08))),
    5: ("BT.601 625", (_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06))),
    6: ("BT.601 525", (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))),
    7: ("SMPTE 240M", (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))),
    9: ("BT.2020", (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))),
    11: ("DCI P3", ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    12: ("Display P3", (_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    22: ("EBU 3213", (_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077))),
}
_LIKE_SRGB = (0, 1, 2)  # BT.709's primaries are sRGB's; 2 is unspecified
# H.273, table 3. The camera curves of video (1, 6, 14, 15) are shown as sRGB, as browsers show them.
_SRGB_TRANSFERS = (0, 1, 2, 6, 13, 14, 15)
_EXPONENTS = {4: 2.2, 5: 2.8, 8: 1.0}
_HDR_TRANSFERS = {16: "PQ", 18: "HLG"}
# Of gAMA: the 1/2.2 that goes with sRGB, as it is commonly rounded.
_SRGB_GAMMA = (45000, 46000)


def tell_colours(image: Image.Image, content: bytes) -> None:
    """Put the profile that ``content`` means into ``image.info``, or `HDR` where there is none."""
    if image.format == "PNG":
        _tell_png(image, content)
    elif image.format in ("AVIF", "HEIF") and "icc_profile" not in image.info:
        at = content[:65536].find(b"colrnclx")
        if at >= 0 and len(content) >= at + 12:
            primaries, transfer = struct.unpack_from(">HH", content, at + 8)
            _tell_code_points(image, primaries, transfer, full=True)  # the decoder widens video's range


def _tell_png(image: Image.Image, content: bytes) -> None:
    found: dict[bytes, bytes] = {}
    for kind, data, _ in chunks(content):
        if kind == b"IDAT":
            break
        if kind in (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"):
            found.setdefault(kind, bytes(data))
    if len(found.get(b"cICP", b"")) == 4:
        primaries, transfer, _, full = found[b"cICP"]
        _tell_code_points(image, primaries, transfer, full=bool(full))
    elif "icc_profile" not in image.info and b"sRGB" not in found:
        with suppress(struct.error, ValueError):  # what is damaged says nothing
            _tell_gamma(image, found.get(b"gAMA", b""), found.get(b"cHRM", b""))


def _tell_code_points(image: Image.Image, primaries: int, transfer: int, *, full: bool) -> None:
    image.info.pop("icc_profile", None)
    if transfer in _HDR_TRANSFERS:
        image.info[HDR] = f"HDR colours ({_HDR_TRANSFERS[transfer]})"
        if full and (primaries in _LIKE_SRGB or primaries in _PRIMARIES):
            from maskkit.codec.matrix_profiles import SRGB_XY

            xy = _PRIMARIES.get(primaries, ("", SRGB_XY))[1]
            image.info[HDR_SPACE] = xy, _HDR_TRANSFERS[transfer]
        return
    exponent = _EXPONENTS.get(transfer)
    known = transfer in _SRGB_TRANSFERS or exponent is not None
    if not known or not full or not (primaries in _LIKE_SRGB or primaries in _PRIMARIES):
        image.info[HDR] = f"colours of a kind that is not read (H.273 code points {primaries}, {transfer})"
        return
    if primaries in _LIKE_SRGB and exponent is None:
        return
    from maskkit.codec.matrix_profiles import SRGB_CURVE, SRGB_XY, gamma_curve

    name, xy = _PRIMARIES.get(primaries, ("BT.709", SRGB_XY))
    curve = SRGB_CURVE if exponent is None else gamma_curve(exponent)
    _tell_profile(image, name if exponent is None else f"{name}, gamma {exponent:g}", xy, curve)


def _tell_gamma(image: Image.Image, gamma: bytes, chromaticities: bytes) -> None:
    """``gAMA`` is the exponent of encoding times 100000, ``cHRM`` white, red, green and blue times 100000."""
    from maskkit.codec.matrix_profiles import SRGB_CURVE, SRGB_XY, gamma_curve

    encoded = struct.unpack(">I", gamma)[0] if gamma else 0
    numbers = [one / 100_000 for one in struct.unpack(">8I", chromaticities)] if chromaticities else []
    xy = tuple(zip(numbers[::2], numbers[1::2], strict=True)) if numbers else SRGB_XY
    near = all(math.dist(one, other) < 0.003 for one, other in zip(xy, SRGB_XY, strict=True))
    like_srgb = not encoded or _SRGB_GAMMA[0] <= encoded <= _SRGB_GAMMA[1]
    if near and like_srgb:
        return
    curve = SRGB_CURVE if like_srgb else gamma_curve(100_000 / encoded)
    name = "RGB" if like_srgb else f"gamma {100_000 / encoded:.3g}"
    _tell_profile(image, name, SRGB_XY if near else xy, curve)  # type: ignore[arg-type]


def _tell_profile(image: Image.Image, name: str, xy: XY, curve: Curve) -> None:
    import numpy as np

    from maskkit.codec.matrix_profiles import matrix_profile

    with suppress(np.linalg.LinAlgError, ZeroDivisionError, struct.error, ValueError):
        image.info["icc_profile"] = matrix_profile(name, xy, curve)
