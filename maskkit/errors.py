"""The whole error tree of maskkit; standard library only.

MaskkitError
    PixelError(ValueError)          an argument: which one, what came, what is needed
    CodecError                      not an image; a format that cannot hold what is asked
    MissingExtraError(ImportError)  an optional package is needed; names the extra
    FetchError                      a mask could not be fetched; .status_code .request_id .job_id .job
        TransportError              the connection failed
        AuthError                   credentials missing, wrong or expired
        QuotaError                  the account's limit is used up
        RateLimitError              too many requests; .retry_after in seconds
        ContractError               a body that the wire contract does not allow; .member .keyword
        JobFailedError              the service says so; .code .type .title .details
        JobTimeoutError(TimeoutError)   the deadline passed; .job can be waited on again
        MaybeSubmittedError         the fate of a POST is unknown; never retried by itself
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AuthError",
    "CodecError",
    "ContractError",
    "FetchError",
    "JobFailedError",
    "JobTimeoutError",
    "MaskkitError",
    "MaskkitWarning",
    "MaybeSubmittedError",
    "MissingExtraError",
    "PixelError",
    "QuotaError",
    "RateLimitError",
    "TransportError",
]


class MaskkitError(Exception):
    """Base of every error that maskkit raises on purpose."""


class MaskkitWarning(UserWarning):
    """The result is what was asked for, yet probably not what was meant (a mask of all 0, say)."""


class PixelError(MaskkitError, ValueError):
    """An argument is of the wrong shape, dtype or range; the text names it, what came and what is needed."""


class CodecError(MaskkitError):
    """A file is not an image, is damaged or too large, or its format cannot hold what is asked."""


class MissingExtraError(MaskkitError, ImportError):
    """An optional package is not installed.

    >>> str(MissingExtraError("onnx", "onnxruntime"))
    "onnxruntime is not installed; run: pip install 'maskkit[onnx]'"
    """

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"{package} is not installed; run: pip install 'maskkit[{extra}]'")
        self.extra = extra
        self.package = package


class FetchError(MaskkitError):
    """A mask could not be fetched. URLs in the text are redacted by whoever raises it."""

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        request_id: str | None = None,
        job_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.request_id = request_id
        self.job_id = job_id
        self.job: Any = None  # to be waited for again: set by a wait, unless the job itself has failed


class TransportError(FetchError):
    """The connection failed: name, TLS, reset, time-out or an answer cut short."""


class AuthError(FetchError):
    """Credentials are missing, refused or expired (401, 403)."""


class QuotaError(FetchError):
    """The account's limit is used up (402)."""


class RateLimitError(FetchError):
    """Too many requests (429); ``retry_after`` is in seconds, or None if the service gave none."""

    def __init__(self, message: str, *, retry_after: float | None = None, **context: Any) -> None:
        super().__init__(message, **context)
        self.retry_after = retry_after


class ContractError(FetchError):
    """A body is not what the wire contract allows.

    ``member`` is the dotted name of the member, ``keyword`` JSON Schema's word for the broken rule.
    """

    def __init__(self, message: str, *, member: str = "", keyword: str = "", **context: Any) -> None:
        super().__init__(message, **context)
        self.member = member
        self.keyword = keyword


class JobFailedError(FetchError):
    """The service ran the job and reports failure, with its own code, type, title and details."""

    def __init__(
        self,
        message: str,
        *,
        code: int | str | None = None,
        type: str | None = None,
        title: str | None = None,
        details: Any = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.code = code
        self.type = type
        self.title = title
        self.details = details


class JobTimeoutError(FetchError, TimeoutError):
    """The deadline passed while the job was running; ``wait(error.job)`` goes on with it."""

    def __init__(self, message: str, *, job: Any = None, **context: Any) -> None:
        super().__init__(message, **context)
        self.job = job


class MaybeSubmittedError(FetchError):
    """Nobody knows whether the POST started a (billed) job, so it is never sent again by itself."""
