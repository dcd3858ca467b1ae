"""AsyncMaskClient: Adobe's masks, awaitable."""

from __future__ import annotations

from typing import Any

from maskkit.adobe.client import AsyncServiceClient
from maskkit.adobe.job import Job, Kind
from maskkit.adobe.waiting import Manner, Tell, silent
from maskkit.clients import talks
from maskkit.clients.plan import DryRun, plan
from maskkit.keywords import keywords
from maskkit.pixels import Array
from maskkit.wire import Format
from maskkit.wire.v1 import Place
from maskkit.wire.v2 import MediaType

__all__ = ["AsyncMaskClient"]


class AsyncMaskClient(AsyncServiceClient):
    """`MaskClient`, awaitable on asyncio; every parameter is the same (``http`` is an httpx.AsyncClient).

    A call that is cancelled removes what it staged before the cancellation goes on. Leaving the
    ``async with`` cancels what still runs, as `asyncio.gather` leaves it when one fails, and waits for it.

    >>> import asyncio
    >>> from maskkit.testing import FakeTime, ScriptedServer
    >>> async def masks(server, photos):
    ...     async with AsyncMaskClient(**server.options(), pace=FakeTime().pace()) as service:
    ...         return await asyncio.gather(*map(service.create_mask, photos))
    >>> with ScriptedServer() as server:
    ...     [mask.shape for mask in asyncio.run(masks(server, [server.photo] * 3))]
    [(48, 64), (48, 64), (48, 64)]
    """

    @keywords(format="mask_type")
    async def create_mask(
        self,
        photo: Any,
        *,
        mask_type: Format = "soft",
        deadline: float | None = None,
        keep: bool = False,
        tell: Tell = silent,
    ) -> Array:
        """The mask of a photo as uint8 ``(H, W)``. See `MaskClient.create_mask`."""
        return await self.run(
            talks.create(
                self.service,
                photo,
                format=mask_type,
                deadline=self.service.ends(deadline),
                keep=keep,
                tell=tell,
            )
        )

    @keywords()
    async def create_cutout(
        self,
        photo: Any,
        *,
        trim: bool = False,
        background: str | None = None,
        decontaminate: float | None = None,
        deadline: float | None = None,
        keep: bool = False,
        tell: Tell = silent,
    ) -> Array:
        """The service's own cutout as uint8 ``(H, W, 4)``. See `MaskClient.create_cutout`."""
        edits = talks.edits_of(trim=trim, background=background, decontaminate=decontaminate)
        manner: Manner = {"deadline": self.service.ends(deadline), "keep": keep, "tell": tell}
        return await self.run(talks.create(self.service, photo, kind="cutout", edits=edits, **manner))

    @keywords()
    async def create_cutout_file(
        self,
        photo: Any,
        *,
        media_type: MediaType = "image/png",
        trim: bool = False,
        background: str | None = None,
        decontaminate: float | None = None,
        deadline: float | None = None,
        keep: bool = False,
        tell: Tell = silent,
    ) -> bytes:
        """The file of the cutout as the service made it. See `MaskClient.create_cutout_file`."""
        how = {"trim": trim, "background": background, "decontaminate": decontaminate}
        edits = talks.edits_of(media_type=media_type, **how)  # type: ignore[arg-type]
        manner: Manner = {"deadline": self.service.ends(deadline), "keep": keep, "tell": tell}
        return await self.run(talks.create_file(self.service, photo, edits, **manner))

    @keywords(format="mask_type")
    async def submit(
        self,
        photo: Any,
        output_url: str | Place | None = None,
        *,
        result_url: str | None = None,
        kind: Kind = "mask",
        mask_type: Format = "soft",
        deadline: float | None = None,
    ) -> Job:
        """Order without waiting. See `MaskClient.submit`."""
        job, _ = await self.run(
            talks.start(
                self.service,
                photo,
                output_url,
                result_url=result_url,
                kind=kind,
                format=mask_type,
                deadline=self.service.ends(deadline),
            )
        )
        return job

    async def wait(
        self,
        job: Job,
        *,
        deadline: float | None = None,
        photo: Any = None,
        keep: bool = False,
        tell: Tell = silent,
    ) -> Array:
        """The result of a job. See `MaskClient.wait`."""
        return await self.run(
            talks.finish(self.service, job, photo, deadline=self.service.ends(deadline), keep=keep, tell=tell)
        )

    @keywords(format="mask_type")
    def dry_run(self, photo: Any, *, kind: Kind = "mask", mask_type: Format = "soft") -> DryRun:
        """What would be uploaded and ordered, without a connection and without cost."""
        return plan(self.service, photo, kind=kind, format=mask_type)
