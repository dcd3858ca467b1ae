"""The state of a job as v2 tells it, to whoever polls and to whoever is called back."""

from __future__ import annotations

from datetime import UTC, datetime

from maskkit.server.file_store import Files, media_type_of
from maskkit.server.jobs import Job
from maskkit.server.warned import warning
from maskkit.wire import Failure, Output, Status

__all__ = ["failures", "moment", "status_v2", "warned_of"]


def status_v2(job: Job, files: Files, base: str) -> Status:
    """The status; the URL of the result is signed anew each time: the table holds no working URL."""
    outputs: tuple[Output, ...] = ()
    if job.state == "succeeded" and job.result and (name := job.result["file"]):
        outputs = (Output(url=files.url(base, "GET", name), media_type=media_type_of(name)),)
    return Status(
        job_id=job.id,
        status=job.state,
        created=moment(job.created),
        modified=moment(job.modified),
        outputs=outputs,
        failures=failures(job),
    )


def warned_of(job: Job) -> dict[str, str]:
    """The header of a status that says what was warned of while the picture was made."""
    return warning(job.result.get("warned", ()) if job.result else ())


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time."""
    return datetime.fromtimestamp(seconds, UTC)


def failures(job: Job) -> tuple[Failure, ...]:
    """Why the job failed, if it did."""
    return (Failure(**job.error),) if job.error else ()
