"""The direct doors: a photo as multipart upload, the picture as the answer. No object store, no job."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from starlette import datastructures
from starlette.requests import ClientDisconnect

from maskkit.keywords import Options
from maskkit.recipe import options_of
from maskkit.server import forms
from maskkit.server.accepting import best
from maskkit.server.compute import LAYERED, Inputs, Made, Product, make
from maskkit.server.faults import JobError
from maskkit.server.intake import check_content_type
from maskkit.server.lanes import LostWorkerError
from maskkit.server.parts import Server
from maskkit.server.refusals import Refused
from maskkit.server.schemas import REFUSALS, Schema, refuses
from maskkit.server.warned import warning

__all__ = [
    "Backdrop",
    "Door",
    "Mask",
    "answered",
    "media_type",
    "router",
    "signature",
    "uploads_of",
]

PIECE = 1 << 16
_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_KINDS = ("image/png", "image/webp", "image/jpeg", *LAYERED)
_SHORT = {"png": "image/png", "webp": "image/webp", "jpeg": "image/jpeg"}
_SHORT |= {suffix[1:]: media_type for media_type, suffix in LAYERED.items()}
_ANSWERS: dict[int | str, Schema] = {
    200: {"description": "the picture", "content": dict.fromkeys(_KINDS, _PICTURE)},
    406: refuses("Accept names nothing that there is"),
    502: refuses("the engine failed"),
}


class Door(APIRoute):
    """Asks who it is, and whether there is room, before an upload is taken in: the framework would after."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, once these are answered."""
        take_in = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            server: Server = request.app.state.server
            client = server.client_of(request)
            check_content_type(request, "multipart/form-data")
            request.state.client = client
            with server.uploads.of(client):
                return await take_in(request)

        return guarded


router = APIRouter(tags=["direct"], responses={**REFUSALS, **_ANSWERS}, route_class=Door)

Upload = Annotated[UploadFile, File(description="a JPEG, PNG, WebP, TIFF or AVIF file")]
Mask = Annotated[UploadFile | None, File(description="a mask of one's own instead of an estimated one")]
Backdrop = Annotated[UploadFile | None, File(description="a picture to put behind")]
Background = Annotated[str, Form(max_length=200, description="a CSS colour, checkerboard, blur:20, ...")]
Media = Annotated[
    Literal["image/png", "image/webp", "image/jpeg", "image/vnd.adobe.photoshop", "image/openraster"] | None,
    Form(
        description="of the answer; by default what Accept asks for, PNG first. JPEG has no alpha: /composite"
    ),
]
Format = Annotated[
    Literal["png", "webp", "jpeg", "psd", "ora", "soft", "binary"] | None,
    Form(description="media_type in a word; soft and binary are the old way to say mask_type"),
]

_FILES: dict[str, tuple[Any, Any]] = {
    "photo": (Upload, inspect.Parameter.empty),
    "mask": (Mask, None),
    "backdrop": (Backdrop, None),
    "background": (Background, "white"),
    "media_type": (Media, None),
    "format": (Format, None),
}
_NOT: dict[str, tuple[str, ...]] = {
    "mask": ("image/jpeg", *LAYERED),
    "cutout": ("image/jpeg",),
    "composite": (),
}
_ONLY_COMPOSITE = ("backdrop", "background", "fit", "mode", "opacity", "linear", "at")
_PLACING = ("canvas", "position", "scale", "margin", "fill", "at", "preset")
_NOT_A_MASK = (
    *_ONLY_COMPOSITE, *options_of("effects"), *_PLACING, "hidden", "decontaminate", "linear_edge",
)  # fmt: skip


def _route(product: Literal["mask", "cutout", "composite"], left_out: tuple[str, ...], said: str) -> None:
    """Add ``POST /PRODUCT``, whose fields are the recipe's options but those that it has no use for."""
    files = {name: one for name, one in _FILES.items() if name not in left_out}
    fields = [one for one in forms.parameters() if one.name not in left_out]
    known = [*files, *(one.name for one in fields)]
    offered = tuple(kind for kind in _KINDS if kind not in _NOT[product])

    async def handle(request: Request, **given: Any) -> StreamingResponse:
        forms.check_fields((await request.form()).keys(), known)
        forms.check_query(request.query_params.keys(), known)
        own = {name: given.pop(name) for name in files}
        word = own["format"]
        if word in ("soft", "binary"):
            given["mask_type"] = word
        asked = forms.recipe_of(
            given, product=product, backdrop=_words(own.get("backdrop"), own.get("background"))
        )
        space: Literal["deep", "rgba"] = "deep" if product == "mask" else "rgba"
        uploads = uploads_of(own, given)
        why = "" if product == "composite" else "; JPEG holds no alpha, /composite answers it"
        kind = media_type(request, own["media_type"] or _SHORT.get(word), offered, why)
        return await answered(request, Product(asked, space, kind), uploads, make)

    handle.__signature__ = signature(files, fields)  # type: ignore[attr-defined]
    handle.__name__, handle.__doc__ = product, said
    router.post(f"/{product}", response_class=StreamingResponse)(handle)


def signature(own: Mapping[str, tuple[Any, Any]], fields: Iterable[inspect.Parameter]) -> inspect.Signature:
    """What a door takes: the request, its own fields with their types and defaults, those of the recipe."""
    kind = inspect.Parameter.KEYWORD_ONLY
    first = inspect.Parameter("request", kind, annotation=Request)
    parts = [
        inspect.Parameter(name, kind, default=default, annotation=typed)
        for name, (typed, default) in own.items()
    ]
    return inspect.Signature([first, *parts, *fields])


def media_type(request: Request, asked: str | None, offered: Sequence[str], why: str = "") -> str:
    """What the field says, or what Accept wants most. Raises Refused (406, 422) where that cannot be had."""
    if asked is not None and asked not in offered:
        title = f"media_type: need one of {', '.join(offered)}, got {asked!r}{why}"
        raise Refused(422, "InputValidationError", title)
    accept = ", ".join(request.headers.getlist("accept"))
    found = best(accept, offered if asked is None else (asked,))
    if found is None:
        title = f"Accept: {asked or ', '.join(offered)} is what there is, got {accept[:100]!r}{why}"
        raise Refused(406, "NotAcceptable", title)
    return found


def uploads_of(own: Mapping[str, Any], given: Mapping[str, Any]) -> Options:
    """The files among a door's fields, and strokes among those of the recipe."""
    strokes = {name: given[name] for name in _STROKES if given[name] is not None}
    return {name: own.get(name) for name in ("photo", "mask", "backdrop")} | strokes


def _words(backdrop: UploadFile | None, background: str | None) -> str | None:
    """What is painted behind: nothing where a picture is, or where the route knows no background."""
    return None if backdrop is not None else background


_STROKES = ("keep_mask", "drop_mask")
_route("mask", _NOT_A_MASK, "The subject's mask, its edge refined and edited.")
_route("cutout", _ONLY_COMPOSITE, "The subject alone, the mask as its alpha.")
_route("composite", ("hidden",), "The subject over a backdrop: a picture, or what ``background`` says.")


async def answered(
    request: Request,
    product: Product,
    uploads: Mapping[str, datastructures.UploadFile | bytes | None],
    maker: Callable[[Inputs, Product, str, int], Made],
) -> StreamingResponse:
    """The picture made of what was sent, for a request that has its place. Raises Refused."""
    server: Server = request.app.state.server
    settings = server.settings
    for name, upload in uploads.items():
        size = len(upload) if isinstance(upload, bytes) else 0 if upload is None else upload.size or 0
        if size > settings.max_bytes:
            title = f"{name}: the file is larger than {settings.max_bytes} bytes"
            raise Refused(413, "PayloadTooLarge", title)
        server.metrics.moved("in", size)

    async def prepare() -> Callable[[], Made]:
        if await request.is_disconnected():  # the line was broken off; half-closed it may still hear
            raise ClientDisconnect
        sent = {name: await _read(one) for name, one in uploads.items() if one is not None}
        strokes = tuple((name, sent.pop(name)) for name in _STROKES if name in sent)
        return partial(maker, Inputs(**sent, strokes=strokes), product, settings.engine, settings.max_pixels)

    try:
        with server.metrics.stage("compute"):
            made = await server.lanes.run_prepared(
                prepare, seconds=settings.compute_seconds, client=request.state.client
            )
    except JobError as fault:
        raise _refused(fault) from None
    except LostWorkerError:
        raise Refused(503, "ServiceUnavailable", "try again", headers={"retry-after": "2"}) from None
    server.metrics.moved("out", len(made.content))
    return StreamingResponse(_pieces(made.content), media_type=product.media_type, headers=_about(made))


def _refused(fault: JobError) -> Refused:
    """The answer to a fault: a form's field has a name, where an order has its "input"."""
    status = fault.failure.code if isinstance(fault.failure.code, int) else 400
    return Refused(status, fault.failure.type, str(fault.failure.title).removeprefix("input: "))


async def _read(upload: datastructures.UploadFile | bytes) -> bytes:
    return upload if isinstance(upload, bytes) else await upload.read()


def _about(made: Made) -> dict[str, str]:
    said = {"content-length": str(len(made.content)), "x-mask-source": made.engine}
    if made.confidence is not None:
        said["x-mask-confidence"] = f"{made.confidence:.2f}"
    return said | warning(made.warned)


def _pieces(content: bytes) -> Iterator[bytes]:
    view = memoryview(content)
    yield from (bytes(view[start : start + PIECE]) for start in range(0, len(view), PIECE))
