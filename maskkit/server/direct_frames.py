"""The direct door of animations: one as a multipart upload, another as the answer."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import StreamingResponse

from maskkit.sequences.verb import LEFT_OUT
from maskkit.server import forms
from maskkit.server.compute import Product
from maskkit.server.compute_frames import ANIMATED, FramesAsked, make_frames
from maskkit.server.direct import Backdrop, Door, Mask, answered, media_type, signature, uploads_of
from maskkit.server.parts import Server
from maskkit.server.schemas import REFUSALS, Schema, refuses

__all__ = ["router"]

_SHORT = {"apng": "image/apng", "webp": "image/webp", "gif": "image/gif", "avif": "image/avif"}
_FIELDS: dict[str, tuple[Any, Any]] = {
    "photo": (
        Annotated[UploadFile, File(description="a GIF, APNG or WebP animation, or an AVIF sequence")],
        inspect.Parameter.empty,
    ),
    "mask": (Mask, None),
    "backdrop": (Backdrop, None),
    "background": (
        Annotated[str | None, Form(max_length=200, description="as of /composite; without it: cutouts")],
        None,
    ),
    "steady": (
        Annotated[
            float | None,
            Form(
                ge=0,
                le=1,
                allow_inf_nan=False,
                description="how much each mask takes after the one before; 0.5 for estimates",
            ),
        ],
        None,
    ),
    "plays": (
        Annotated[int | None, Form(ge=0, le=65535, description="how often it is shown, 0 without end")],
        None,
    ),
    "media_type": (
        Annotated[
            Literal["image/apng", "image/webp", "image/gif", "image/avif"] | None,
            Form(description="of the answer; by default what Accept asks for, APNG first"),
        ],
        None,
    ),
    "format": (
        Annotated[Literal["apng", "webp", "gif", "avif"] | None, Form(description="media_type in a word")],
        None,
    ),
}
_ANIMATION = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS: dict[int | str, Schema] = {
    200: {"description": "the animation", "content": dict.fromkeys(ANIMATED, _ANIMATION)},
    406: refuses("Accept names nothing that there is"),
    502: refuses("the engine failed"),
}
router = APIRouter(tags=["direct"], responses={**REFUSALS, **_ANSWERS}, route_class=Door)
_OPTIONS = forms.parameters(name for name in (*forms.FIELDS, "product") if name not in LEFT_OUT)
_KNOWN = [*_FIELDS, *(one.name for one in _OPTIONS)]


async def frames(request: Request, **given: Any) -> StreamingResponse:
    """Every frame of an animation as a still would be made, their times kept."""
    forms.check_fields((await request.form()).keys(), _KNOWN)
    forms.check_query(request.query_params.keys(), _KNOWN)
    own = {name: given.pop(name) for name in _FIELDS}
    behind = None if own["backdrop"] is not None else own["background"] or None
    asked = forms.recipe_of(given, backdrop=behind)
    kind = media_type(request, own["media_type"] or _SHORT.get(own["format"]), tuple(ANIMATED))
    server: Server = request.app.state.server
    sequence = FramesAsked(own["steady"], own["plays"], server.settings.max_frames)
    product = Product(asked, "rgba", kind)
    return await answered(request, product, uploads_of(own, given), partial(make_frames, sequence=sequence))


frames.__signature__ = signature(_FIELDS, _OPTIONS)  # type: ignore[attr-defined]
router.post("/frames", response_class=StreamingResponse)(frames)
