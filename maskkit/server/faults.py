"""Why a job failed, in the words that its status answers: type, title, code, details."""

from __future__ import annotations

from typing import Any

from maskkit.errors import MaskkitError
from maskkit.wire import Failure

__all__ = ["JobError", "bad_input", "link_invalid", "store_unavailable"]


class JobError(MaskkitError):
    """A job cannot be done as it was ordered; trying again would not help."""

    def __init__(self, code: int, type: str, title: str, details: Any = None) -> None:
        super().__init__(code, type, title, details)
        self.failure = Failure(code=code, type=type, title=title, details=details)

    def __str__(self) -> str:
        return str(self.failure)


def bad_input(title: str, details: Any = None) -> JobError:
    """The input is not a picture that can be worked on."""
    return JobError(400, "InputValidationError", title, details)


def link_invalid(title: str, details: Any = None) -> JobError:
    """A link is blocked, expired, or its store says no."""
    return JobError(410, "FileLinkInvalidError", title, details)


def store_unavailable(title: str, details: Any = None) -> JobError:
    """A store did not do its part, also when asked again."""
    return JobError(503, "StorageUnavailableError", title, details)
