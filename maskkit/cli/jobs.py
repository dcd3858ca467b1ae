"""The file that keeps a job which is ordered, and paid for, until its mask is there."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from maskkit.errors import CodecError, ContractError, MaskkitError

if TYPE_CHECKING:
    from maskkit.adobe import Job

__all__ = ["check_free", "job_file", "keep", "kept", "resuming"]


def job_file(named: str | None, photo: str, output: str) -> Path:
    """The file that was named, else one beside the output, or with the photo's name for standard output."""
    if named is not None:
        return Path(named)
    if output != "-":
        return Path(f"{output}.job.json")
    return Path(f"{'maskkit' if photo == '-' else Path(photo).name}.job.json")


def check_free(file: Path) -> None:
    """Raises MaskkitError if a job could not be kept there, or another one already is: it would be lost."""
    if not file.parent.is_dir():
        raise CodecError(f"--job: {file}: cannot be written: there is no such folder")
    if not os.access(file.parent, os.W_OK):
        raise CodecError(f"--job: {file}: cannot be written: the folder is read-only; name another file")
    if file.exists():
        raise MaskkitError(
            f"{file} keeps an earlier order, which is paid for: give --resume to go on with it, "
            "or delete the file to order anew"
        )


def keep(file: Path, job: Job) -> None:
    """Write the job; its URLs are secrets, so the file is its owner's alone."""
    from maskkit.codec.replacing import atomic

    with atomic(file) as temporary:
        temporary.touch(0o600, exist_ok=False)
        temporary.write_text(job.to_json() + "\n", "utf-8")


def kept(file: Path) -> Job:
    """The job that `keep` wrote."""
    from maskkit.adobe import Job

    try:
        return Job.from_json(file.read_text("utf-8", "replace"))
    except OSError as error:
        raise CodecError(f"--resume: {file}: {(error.strerror or 'cannot be read').lower()}") from None
    except ContractError as error:
        raise ContractError(f"--resume: {file}: {error}") from None


def resuming() -> str:
    """The command line, as one to paste, that goes on with the job of this one."""
    words = [word for word in sys.argv[1:] if word != "--resume"]
    return shlex.join(["maskkit", *words, "--resume"])
