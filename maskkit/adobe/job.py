"""The record of a job: enough to ask for it again, later and from another program."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from time import time
from typing import Any, Literal, cast
from urllib.parse import urljoin

from maskkit.adobe.events import check_signature, job_of, read_event
from maskkit.adobe.hosts import ADOBE_API
from maskkit.errors import ContractError
from maskkit.redact import Redacted, secrets_of
from maskkit.wire import Format

__all__ = ["Api", "Job", "Kind"]

Api = Literal["v1", "v2"]
Kind = Literal["mask", "cutout"]
_KEY = re.compile(r"[0-9a-f]{32}-(photo|result)(\.\w+)?")


@dataclass(frozen=True, repr=False)
class Job(Redacted):
    """A submitted job. ``Job.from_json(job.to_json())`` is equal to it, so a backend can persist it.

    Attributes
    ----------
    api, kind, format : what was ordered, in which contract.
    job_id, status_url : as the service gave them.
    output_url : where the service was told to write (v1) or where the client is to copy to (v2).
    result_url : where the client reads the result, if that is not what the status says.
    output_key, staged : keys in the client's own staging area; ``staged`` are removed in the end.
    size, full_size : (height, width) in pixels of the photo as it was sent, and of the upright photo itself,
        where they are known.
    edits : the names of what else was ordered of the pixels: "trim", "background", "decontaminate".

    The URLs of one's own that were given to ``submit`` are in the JSON in full: they are its secrets.
    """

    api: Api
    job_id: str
    status_url: str
    kind: Kind = "mask"
    format: Format = "soft"
    output_url: str | None = None
    result_url: str | None = None
    output_key: str | None = None
    staged: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    full_size: tuple[int, int] | None = None
    edits: tuple[str, ...] = ()
    secrets: frozenset[str] = field(default=frozenset(), repr=False, compare=False)  # of this process alone

    def unquotable(self) -> frozenset[str]:
        """What no answer about the job may be quoted with: the signatures of its URLs, as far as known."""
        return self.secrets | secrets_of(f"{self.output_url} {self.result_url}")

    def to_json(self) -> str:
        """One line of JSON.

        >>> Job("v2", "urn:1", "https://a/v2/status/urn:1").to_json()[:41]
        '{"api": "v2", "job_id": "urn:1", "status_'
        """
        return json.dumps({name: value for name, value in asdict(self).items() if name != "secrets"})

    @classmethod
    def from_event(
        cls,
        body: bytes | str | Mapping[str, Any],
        *,
        kind: Kind = "mask",
        result_url: str | None = None,
        base_url: str = ADOBE_API,
        headers: Mapping[str, str] | None = None,
        secret: str | None = None,
    ) -> Job:
        """The job whose end an event tells; ``MaskClient.wait`` then fetches its picture.

        Parameters
        ----------
        body : the body of the POST, as Adobe I/O Events or ``maskkit serve`` send it.
        kind, result_url : what was ordered, and v1's result signed for GET: an event has neither.
        base_url : the service's, for an event that has no URL of the job.
        headers, secret : of the POST, and the client's secret, to check who sent an event of maskkit's
            server; ``body`` is then needed as it came. Without them nothing is believed but the id: the
            client asks the service itself, with its own credentials.

        Raises
        ------
        ContractError
            The event names no job.
        AuthError
            It was not signed with ``secret``, or more than five minutes ago.

        >>> event = {"event": {"body": {"jobId": "urn:1", "status": "succeeded"}}}
        >>> Job.from_event(event).status_url
        'https://image.adobe.io/v2/status/urn:1'
        """
        if secret is not None:
            if isinstance(body, Mapping):
                raise ContractError("body: need the bytes as they came, to check their signature")
            check_signature(body, headers or {}, secret, time())
        api, job_id, url = job_of(read_event(body))
        status_url = urljoin(f"{base_url.rstrip('/')}/", url.lstrip("/"))
        return cls(cast(Api, api), job_id, status_url, kind, result_url=result_url)

    @classmethod
    def from_json(cls, text: str) -> Job:
        """The job that `to_json` wrote. Raises ContractError if the text is something else."""
        try:
            said = json.loads(text)
            said.pop("secrets", None)
            for name in ("staged", "size", "full_size", "edits"):  # JSON has lists only
                if said.get(name) is not None:
                    said[name] = tuple(said[name])
            job = cls(**said)
        except (ValueError, TypeError, AttributeError) as error:
            raise ContractError(f"job: {type(error).__name__} while reading the JSON of a Job") from None
        if job.api not in ("v1", "v2") or not isinstance(job.status_url, str):
            raise ContractError("job: the JSON of a Job needs api v1 or v2, and status_url")
        if not all(_KEY.fullmatch(str(key)) for key in (*job.staged, *filter(None, [job.output_key]))):
            raise ContractError("job: staged names keys that no client has made")  # they will be deleted
        return job
