"""maskkit takes a photo to a finished picture: mask, matte, composite, cutout.

Every public name is importable from here and is loaded when first used, so ``import maskkit`` is light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maskkit.adobe import Job, ObjectStaging, RateLimit, SignedURLs, Staging
    from maskkit.alpha import PORTER_DUFF, apply_mask, over, porter_duff, premultiply, unpremultiply
    from maskkit.blend import BLEND_MODES
    from maskkit.clients import AsyncMaskClient, MaskClient
    from maskkit.codec import encode, read, read_mask, write
    from maskkit.color import (
        decontaminate,
        despill,
        extend_edge,
        light_wrap,
        linear_to_srgb,
        srgb_to_linear,
    )
    from maskkit.compositing import composite
    from maskkit.cutouts import Cutout, cutout
    from maskkit.display import contact_sheet
    from maskkit.engines import Estimate, Session, chroma_key, two_plate
    from maskkit.errors import (
        AuthError,
        CodecError,
        ContractError,
        FetchError,
        JobFailedError,
        JobTimeoutError,
        MaskkitError,
        MaskkitWarning,
        MaybeSubmittedError,
        MissingExtraError,
        PixelError,
        QuotaError,
        RateLimitError,
        TransportError,
    )
    from maskkit.fetch import estimate, fetch_mask
    from maskkit.kernels import set_threads
    from maskkit.matte import (
        adjust,
        bounding_box,
        combine,
        feather,
        fill_holes,
        grow,
        invert,
        keep_largest,
        levels,
        shrink,
        smooth,
        threshold,
        trimap,
    )
    from maskkit.matting import guided_filter, refine
    from maskkit.pixels import Picture, from_bgr, to_bgr
    from maskkit.quality import Inspection, inspect

__version__ = "0.1.0"

# room -> the names it gives to the public face; the imports above say the same to a type checker
_ROOMS = {
    "backdrop": (),
    "adobe": ("Job", "ObjectStaging", "RateLimit", "SignedURLs", "Staging"),
    "clients": ("AsyncMaskClient", "MaskClient"),
    "testing": (),
    "engines": ("Estimate", "Session", "chroma_key", "two_plate"),
    "alpha": ("PORTER_DUFF", "apply_mask", "over", "porter_duff", "premultiply", "unpremultiply"),
    "blend": ("BLEND_MODES",),
    "color": (
        "decontaminate",
        "despill",
        "extend_edge",
        "light_wrap",
        "linear_to_srgb",
        "srgb_to_linear",
    ),
    "codec": ("encode", "read", "read_mask", "write"),
    "compositing": ("composite",),
    "cutouts": ("Cutout", "cutout"),
    "display": ("contact_sheet",),
    "errors": (
        "AuthError",
        "CodecError",
        "ContractError",
        "FetchError",
        "JobFailedError",
        "JobTimeoutError",
        "MaskkitError",
        "MaskkitWarning",
        "MaybeSubmittedError",
        "MissingExtraError",
        "PixelError",
        "QuotaError",
        "RateLimitError",
        "TransportError",
    ),
    "fetch": ("estimate", "fetch_mask"),
    "kernels": ("set_threads",),
    "matting": ("guided_filter", "refine"),
    "matte": (
        "adjust",
        "bounding_box",
        "combine",
        "feather",
        "fill_holes",
        "grow",
        "invert",
        "keep_largest",
        "levels",
        "shrink",
        "smooth",
        "threshold",
        "trimap",
    ),
    "pixels": ("Picture", "from_bgr", "to_bgr"),
    "quality": ("Inspection", "inspect"),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "BLEND_MODES",
    "PORTER_DUFF",
    "AsyncMaskClient",
    "AuthError",
    "CodecError",
    "ContractError",
    "Cutout",
    "Estimate",
    "FetchError",
    "Inspection",
    "Job",
    "JobFailedError",
    "JobTimeoutError",
    "MaskClient",
    "MaskkitError",
    "MaskkitWarning",
    "MaybeSubmittedError",
    "MissingExtraError",
    "ObjectStaging",
    "Picture",
    "PixelError",
    "QuotaError",
    "RateLimit",
    "RateLimitError",
    "Session",
    "SignedURLs",
    "Staging",
    "TransportError",
    "adjust",
    "apply_mask",
    "bounding_box",
    "chroma_key",
    "combine",
    "composite",
    "contact_sheet",
    "cutout",
    "decontaminate",
    "despill",
    "encode",
    "estimate",
    "extend_edge",
    "feather",
    "fetch_mask",
    "fill_holes",
    "from_bgr",
    "grow",
    "guided_filter",
    "inspect",
    "invert",
    "keep_largest",
    "levels",
    "light_wrap",
    "linear_to_srgb",
    "over",
    "porter_duff",
    "premultiply",
    "read",
    "read_mask",
    "refine",
    "set_threads",
    "shrink",
    "smooth",
    "srgb_to_linear",
    "threshold",
    "to_bgr",
    "trimap",
    "two_plate",
    "unpremultiply",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"maskkit.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    if name in _ROOMS:
        return importlib.import_module(f"maskkit.{name}")
    raise AttributeError(f"module 'maskkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})
