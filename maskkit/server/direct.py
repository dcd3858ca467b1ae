"""The direct doors: a photo as multipart upload, the picture as the answer. No object store, no job."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from maskkit.server.compute import Inputs, Made, Product, make
from maskkit.server.faults import JobError
from maskkit.server.intake import check_content_type
from maskkit.server.lanes import LostWorkerError
from maskkit.server.parts import Server
from maskkit.server.refusals import Refused
from maskkit.server.schemas import REFUSALS, refuses

__all__ = ["router"]

PIECE = 1 << 16
_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "the picture", "content": {"image/png": _PICTURE, "image/webp": _PICTURE}},
    502: refuses("the engine failed"),
}


class _Door(APIRoute):
    """Asks who it is, and whether there is room, before an upload is taken in: the framework would after."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        take_in = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            server: Server = request.app.state.server
            server.client_of(request)
            check_content_type(request, "multipart/form-data")
            if server.uploads.locked():
                title = "too many uploads at once"
                raise Refused(429, "TooManyRequests", title, headers={"retry-after": "2"})
            async with server.uploads:
                return await take_in(request)

        return guarded


router = APIRouter(tags=["direct"], responses={**REFUSALS, **_ANSWERS}, route_class=_Door)

Upload = Annotated[UploadFile, File(description="a JPEG, PNG, WebP, TIFF or AVIF file")]
Optional = Annotated[UploadFile | None, File(description="a mask of one's own instead of an estimated one")]
Format = Annotated[Literal["soft", "binary"], Form()]
Media = Annotated[Literal["image/png", "image/webp"], Form(description="of the answer")]
Unit = Annotated[float | None, Form(ge=0, le=1, allow_inf_nan=False)]
Pixels = Annotated[float, Form(ge=-200, le=200, allow_inf_nan=False)]
Radius = Annotated[float, Form(ge=0, le=200, allow_inf_nan=False)]
Flag = Annotated[bool, Form()]


@router.post("/mask", response_class=StreamingResponse)
async def mask(
    request: Request,
    *,
    photo: Upload,
    mask: Optional = None,
    format: Format = "soft",
    threshold: Unit = None,
    grow: Pixels = 0.0,
    feather: Radius = 0.0,
    media_type: Media = "image/png",
) -> StreamingResponse:
    """The subject's mask, edited: threshold, then grow (negative shrinks), then feather."""
    edits = {"format": format, "threshold": threshold, "grow": grow, "feather": feather}
    product = Product(kind="mask", space="deep", media_type=media_type, **edits)  # type: ignore[arg-type]
    return await _answer(request, product, photo, mask)


@router.post("/cutout", response_class=StreamingResponse)
async def cutout(
    request: Request,
    *,
    photo: Upload,
    mask: Optional = None,
    format: Format = "soft",
    threshold: Unit = None,
    grow: Pixels = 0.0,
    feather: Radius = 0.0,
    decontaminate: Unit = None,
    trim: Flag = False,
    media_type: Media = "image/png",
) -> StreamingResponse:
    """The subject alone, the mask as its alpha."""
    edits = {"format": format, "threshold": threshold, "grow": grow, "feather": feather}
    rest = {"decontamination": decontaminate, "trim": trim, "media_type": media_type}
    product = Product(kind="cutout", space="rgba", **edits, **rest)  # type: ignore[arg-type]
    return await _answer(request, product, photo, mask)


@router.post("/composite", response_class=StreamingResponse)
async def composite(
    request: Request,
    *,
    photo: Upload,
    mask: Optional = None,
    backdrop: Annotated[UploadFile | None, File(description="a picture to put behind")] = None,
    background: Annotated[
        str, Form(max_length=200, description="a CSS colour, checker, blur:20, ...")
    ] = "white",
    format: Format = "soft",
    threshold: Unit = None,
    grow: Pixels = 0.0,
    feather: Radius = 0.0,
    decontaminate: Unit = None,
    media_type: Media = "image/png",
) -> StreamingResponse:
    """The subject over a backdrop: a picture, or what ``background`` says."""
    edits = {"format": format, "threshold": threshold, "grow": grow, "feather": feather}
    rest = {"decontamination": decontaminate, "media_type": media_type}
    product = Product(kind="cutout", space="rgba", **edits, **rest)  # type: ignore[arg-type]
    return await _answer(request, product, photo, mask, background if backdrop is None else backdrop)


async def _answer(
    request: Request,
    product: Product,
    photo: UploadFile,
    mask: UploadFile | None,
    behind: UploadFile | str | None = None,
) -> StreamingResponse:
    server: Server = request.app.state.server
    settings = server.settings
    for name, upload in (("photo", photo), ("mask", mask), ("backdrop", behind)):
        size = 0 if upload is None or isinstance(upload, str) else upload.size or 0
        if size > settings.max_bytes:
            title = f"{name}: the file is larger than {settings.max_bytes} bytes"
            raise Refused(413, "PayloadTooLarge", title)
        server.metrics.moved("in", size)

    async def prepare() -> Callable[[], Made]:
        if await request.is_disconnected():  # the line was broken off; half-closed it may still hear
            raise ClientDisconnect
        given = None if mask is None else await mask.read()
        shown = behind if behind is None or isinstance(behind, str) else await behind.read()
        inputs = Inputs(await photo.read(), given, shown)
        return partial(make, inputs, product, settings.engine, settings.max_pixels)

    try:
        with server.metrics.stage("compute"):
            made = await server.lanes.run_prepared(prepare, seconds=settings.compute_seconds)
    except JobError as fault:
        status = fault.failure.code if isinstance(fault.failure.code, int) else 400
        raise Refused(status, fault.failure.type, str(fault.failure.title)) from None
    except LostWorkerError:
        raise Refused(503, "ServiceUnavailable", "try again", headers={"retry-after": "2"}) from None
    server.metrics.moved("out", len(made.content))
    return StreamingResponse(_pieces(made.content), media_type=product.media_type, headers=_about(made))


def _about(made: Made) -> dict[str, str]:
    said = {"content-length": str(len(made.content)), "x-mask-source": made.engine}
    if made.confidence is not None:
        said["x-mask-confidence"] = f"{made.confidence:.2f}"
    return said


def _pieces(content: bytes) -> Iterator[bytes]:
    view = memoryview(content)
    yield from (bytes(view[start : start + PIECE]) for start in range(0, len(view), PIECE))
