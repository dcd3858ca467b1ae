"""The records that both contracts share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from maskkit.errors import ContractError
from maskkit.redact import Redacted, redact

__all__ = ["JSON", "Accepted", "Body", "Failure", "Format", "Output", "Status", "invalid"]

Format = Literal["soft", "binary"]
JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
Body: TypeAlias = dict[str, JSON]  # what is sent: a JSON object


@dataclass(frozen=True, repr=False)
class Accepted(Redacted):
    """The receipt of an order (202): the job's id and where its status is asked for."""

    job_id: str
    status_url: str


@dataclass(frozen=True, repr=False)
class Output(Redacted):
    """One result: where it is. ``storage`` and ``format`` are v1's members, ``media_type`` is v2's."""

    url: str | None = None
    storage: str | None = None
    format: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, repr=False)
class Failure(Redacted):
    """What went wrong, in a job or in the answer to a request; members that were not sent are None."""

    code: int | str | None = None
    type: str | None = None
    title: str | None = None
    details: Any = None

    def __str__(self) -> str:
        said = (self.type, self.code, self.title, self.details)
        return redact(" ".join(str(part) for part in said if part not in (None, "", [], {})))


@dataclass(frozen=True, repr=False)
class Status(Redacted):
    """A job as its status answer tells it; ``status`` is kept as sent, and an unknown one is not an end."""

    job_id: str | None
    status: str
    created: datetime | None = None
    modified: datetime | None = None
    input: str | None = None
    outputs: tuple[Output, ...] = ()
    failures: tuple[Failure, ...] = ()
    status_url: str | None = None

    @property
    def done(self) -> bool:
        """The job has ended, well or badly. Only ``status`` decides: ``errors`` is seen on successes too."""
        return self.status in ("succeeded", "failed")

    @property
    def output_url(self) -> str | None:
        """Where the first result is, if the answer says."""
        return next((output.url for output in self.outputs if output.url), None)


def invalid(error: ContractError) -> Failure:
    """The failure that a server answers (400) to a body that it cannot read.

    >>> invalid(ContractError("mode: 'x' came", member="mode", keyword="enum")).details[0]["dataPath"]
    '.mode'
    """
    path = error.member or ""
    reason = {
        "keyword": error.keyword or "type",
        "dataPath": f".{path}" if path else "",
        "schemaPath": "#" + "".join(f"/properties/{name}" for name in path.split(".") if name),
        "params": {},
        "message": str(error),
    }
    return Failure(code=400, type="InputValidationError", title="Input validation failed", details=[reason])
