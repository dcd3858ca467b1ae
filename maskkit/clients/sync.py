"""MaskClient: Adobe's masks, synchronously."""

from __future__ import annotations

from typing import Any

from maskkit.adobe.client import ServiceClient
from maskkit.adobe.job import Job, Kind
from maskkit.adobe.waiting import Manner, Tell, silent
from maskkit.clients import talks
from maskkit.clients.plan import DryRun, plan
from maskkit.keywords import keywords
from maskkit.pixels import Array
from maskkit.wire import Format
from maskkit.wire.v1 import Place
from maskkit.wire.v2 import MediaType

__all__ = ["MaskClient"]


class MaskClient(ServiceClient):
    """A masking service of either contract: Adobe's, maskkit's own, or any that speaks them.

    Parameters
    ----------
    base_url : Adobe's ``https://image.adobe.io`` unless given.
    api : "v1" (``/sensei/mask``), "v2" (``/v2/remove-background``) or "auto", which finds out;
        v2 on Adobe's host and v1 on any other unless given.
    client_id, client_secret : OAuth client credentials; ``client_id`` is also the ``x-api-key``.
    token : an access token, or a callable that gives one or ``(token, seconds it lasts)``.
    ims_url, org_id : another token service; the organisation that pays.
    staging : ``s3://bucket/prefix``, ``gs://bucket/prefix`` or ``az://container/prefix``, for which
        ``maskkit[staging]`` is needed; or an object with ``sign(method, key, expires_in) -> URL``.
    deadline : seconds for a job as a whole: token, upload, order, waiting, download. What does not count is
        the client's own queue of orders (see ``limit``); tidying up has its own time.
    timeout, tries, max_bytes : of one request, in seconds; how often it is sent at most; of an answer.
    transfer : seconds that an upload or a download may take, within ``deadline``; 10 times ``timeout`` unless
        given. For slow lines: raise both.
    limit : `RateLimit` of orders, one's own or None; on Adobe's host 2 in 3 s, shared by an organisation.
    http : an ``httpx.Client`` to use; it is not closed. Its headers, cookies and auth are not sent.
    pace : the clock, for tests.

    Raises
    ------
    AuthError, QuotaError, RateLimitError, TransportError, ContractError, JobFailedError, JobTimeoutError,
    MaybeSubmittedError
        All are FetchError, and none carries a signed URL or a token. JobFailedError ends a job, and removes
        what was staged for it, as cancelling does; after any other error of a wait ``error.job`` can be
        waited for again, and what it needs stays in the staging area until then.

    >>> from maskkit.testing import FakeTime, ScriptedServer
    >>> with ScriptedServer() as server, MaskClient(**server.options(), pace=FakeTime().pace()) as service:
    ...     mask = service.create_mask(server.photo, mask_type="binary")
    >>> mask.shape, sorted(set(mask.flat))
    ((48, 64), [np.uint8(0), np.uint8(255)])
    """

    @keywords(format="mask_type")
    def create_mask(
        self,
        photo: Any,
        *,
        mask_type: Format = "soft",
        deadline: float | None = None,
        keep: bool = False,
        tell: Tell = silent,
    ) -> Array:
        """The mask of a photo as uint8 ``(H, W)``: staged, ordered, awaited, fetched, cleaned up.

        Parameters
        ----------
        photo : path, bytes, file, PIL.Image, Picture, colour array; or a URL, which the service reads itself.
        mask_type : "soft" for all levels, "binary" for 0 and 255 only.
        deadline : seconds, instead of the client's.
        keep : leave photo and result in the staging area.
        tell : is called with a few words at every step ("staging", "submitted", "running 4 s", "fetched").
        """
        return self.run(
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
    def create_cutout(
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
        """The service's own cutout as uint8 ``(H, W, 4)``, straight alpha; parameters as in `create_mask`.

        The edits are the service's, and v2's alone; those of a cutout that is here are `Cutout`'s.

        Parameters
        ----------
        trim : cut away what is transparent around the subject; the result is smaller.
        background : CSS colour that the service puts behind.
        decontaminate : 0 to 1, how much of the old background's colour is taken out of the edge; the
            service's own amount (1) if None.
        """
        edits = talks.edits_of(trim=trim, background=background, decontaminate=decontaminate)
        manner: Manner = {"deadline": self.service.ends(deadline), "keep": keep, "tell": tell}
        return self.run(talks.create(self.service, photo, kind="cutout", edits=edits, **manner))

    @keywords()
    def create_cutout_file(
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
        """The file of the cutout, byte for byte as the service made it; v2 only, else as in `create_cutout`.

        Parameters
        ----------
        media_type : "image/png", "image/webp", "image/jpeg" or "image/vnd.adobe.photoshop".
        """
        how = {"trim": trim, "background": background, "decontaminate": decontaminate}
        edits = talks.edits_of(media_type=media_type, **how)  # type: ignore[arg-type]
        manner: Manner = {"deadline": self.service.ends(deadline), "keep": keep, "tell": tell}
        return self.run(talks.create_file(self.service, photo, edits, **manner))

    @keywords(format="mask_type")
    def submit(
        self,
        photo: Any,
        output_url: str | Place | None = None,
        *,
        result_url: str | None = None,
        kind: Kind = "mask",
        mask_type: Format = "soft",
        deadline: float | None = None,
    ) -> Job:
        """Order without waiting; the `Job` can be kept as JSON and waited for elsewhere.

        Parameters
        ----------
        photo : as in `create_mask`; with a URL of one's own nothing is staged for it.
        output_url : a URL signed for PUT, where v1 writes the result (v2: where the client copies the
            service's own file to); in the staging area if None.
        result_url : the same place signed for GET, for `wait` to read; ``output_url`` itself if None.
        deadline : how long the URLs must at least be valid, in seconds.
        """
        return self.run(
            talks.start(
                self.service,
                photo,
                output_url,
                result_url=result_url,
                kind=kind,
                format=mask_type,
                deadline=self.service.ends(deadline),
            )
        )[0]

    def wait(
        self,
        job: Job,
        *,
        deadline: float | None = None,
        photo: Any = None,
        keep: bool = False,
        tell: Tell = silent,
    ) -> Array:
        """The result of a job; `JobTimeoutError` after ``deadline`` seconds.

        What fails for another reason than the job's own failure can be waited for again: ``error.job``, also
        by way of its JSON. Of a ``result_url`` that has expired meanwhile AuthError says so: sign it again
        and wait for ``dataclasses.replace(job, result_url=...)``.

        ``photo`` is needed only where it was scaled down for the service, to bring the mask back to its size.
        """
        return self.run(
            talks.finish(self.service, job, photo, deadline=self.service.ends(deadline), keep=keep, tell=tell)
        )

    @keywords(format="mask_type")
    def dry_run(self, photo: Any, *, kind: Kind = "mask", mask_type: Format = "soft") -> DryRun:
        """What would be uploaded and ordered, without a connection and without cost."""
        return plan(self.service, photo, kind=kind, format=mask_type)
