"""The record of a job: enough to ask for it again, later and from another program."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Literal

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
