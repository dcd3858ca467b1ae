"""A service that speaks remove.bg's contract, in the place of an engine."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import replace
from typing import Any

import httpx
import numpy as np

from maskkit.adobe.pace import Deadline, Pace
from maskkit.adobe.waiting import Tell, silent
from maskkit.clients.orders import KeptOrder
from maskkit.clients.prepare import Prepared, prepare
from maskkit.clients.receive import lifted
from maskkit.clients.removebg_call import account_of
from maskkit.clients.removebg_call import order as ordered
from maskkit.codec import read
from maskkit.engines import Estimate
from maskkit.errors import CodecError, ContractError
from maskkit.hearing import warn
from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.wire import Format

__all__ = ["facts", "removebg"]

_PIXELS, _BYTES = 50_000_000, 22_000_000  # what the contract takes
_PNG_PIXELS = 10_000_000  # of more it answers no PNG, but a ZIP
_SIDE = 65_500  # JPEG's


def removebg(
    photo: Any,
    *,
    mask_type: Format = "soft",
    base_url: str | None = None,
    token: str | None = None,
    deadline: float | None = None,
    timeout: float | None = None,
    pace: Pace | None = None,
    http: httpx.Client | None = None,
    tell: Tell = silent,
    order: KeptOrder | None = None,
) -> Estimate:
    """The mask that the service makes of the photo: its cutout's alpha, at the photo's own size.

    Parameters
    ----------
    photo : path, bytes, file, PIL.Image, Picture, Cutout or colour array.
    mask_type : "binary" is made here, at 50 %.
    base_url, token : the service and the key; else as the environment says, see `account_of`.
    deadline : seconds for all tries together, 120 by default; ``timeout`` those of one try.
    order : keeps the answer, which is paid for, until its ``with`` block ends well.

    Raises
    ------
    MaybeSubmittedError
        The connection ended before the answer: it may be paid for, and is not sent again by itself.
    """
    account, pace = account_of(base_url, token), pace or Pace()
    ready = _ready(photo)
    pixels = ready.sent[0] * ready.sent[1]
    fields = {"size": "auto", "format": "png" if pixels <= _PNG_PIXELS else "zip"}

    def pay() -> bytes:
        tell(f"ordering from {account.host}")
        return ordered(
            account,
            (f"photo{ready.upload.suffix}", ready.upload.content),
            fields,
            timeout=timeout or 120.0,
            deadline=Deadline(pace, deadline or 120.0),
            pace=pace,
            http=http,
        )

    answer = pay() if order is None else order.answer(pay)
    alpha = _fitted(_alpha(answer), ready)
    if mask_type == "binary":
        alpha = np.where(alpha >= 128, np.uint8(255), np.uint8(0))
    return Estimate(alpha.astype(np.float32) / 255, None, f"removebg {account.host}")


def facts(photo: Any, *, base_url: str | None = None, token: str | None = None, **_: Any) -> dict[str, Any]:
    """What would be sent where; nobody is contacted. Raises FetchError where the account is not complete."""
    account, ready = account_of(base_url, token), _ready(photo)
    height, width = ready.sent
    return {
        "service": account.url,
        "photo": f"{width}x{height}",
        "bytes": len(ready.upload.content),
        "orders": 1,
    }


def _ready(photo: Any) -> Prepared:
    """The photo as it is if the contract takes it, else scaled down and encoded."""
    ready = prepare(photo, _SIDE)
    height, width = ready.sent
    if height * width <= _PIXELS and len(ready.upload.content) <= _BYTES:
        return ready
    shrink = min(1.0, math.sqrt(_PIXELS / (height * width)))
    again = prepare(ready.pixels(), math.floor(max(height, width) * shrink))
    return replace(again, size=ready.size)


def _alpha(answer: bytes) -> Array:
    """The alpha of a PNG, or ``alpha.png`` of a ZIP, as uint8 ``(H, W)``."""
    try:
        packed = answer[:2] == b"PK"
        pixels = read(_unpacked(answer) if packed else answer, max_pixels=2 * _PIXELS).pixels
    except (CodecError, zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError) as error:
        raise ContractError(f"the answer is not the picture that was ordered: {error}") from None
    if not packed and pixels.shape[2] != 4:
        raise ContractError("the answer has no alpha")
    return convert(np.ascontiguousarray(pixels[..., 0 if packed else 3]), np.uint8)


def _unpacked(answer: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(answer)) as archive, archive.open("alpha.png") as file:
        return bytes(file.read(4 * _PIXELS))


def _fitted(alpha: Array, ready: Prepared) -> Array:
    """At the photo's size; an answer of another shape is refused, one that was shrunk is told."""
    (height, width), (tall, wide) = alpha.shape, ready.sent
    if abs(height * wide - width * tall) > max(tall, wide) + max(height, width):
        raise ContractError(f"the answer is {width}x{height}, the photo that was sent is {wide}x{tall}")
    if (height, width) != (tall, wide):
        said = f"the service answered {width}x{height} for {wide}x{tall}; its mask is enlarged"
        warn(said, stacklevel=2)
    return alpha if alpha.shape == ready.size else lifted(alpha, ready.pixels())
