"""Answers that say no, in the form of the contract that was spoken to; ASCII JSON, no secrets, no paths."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Mapping
from typing import Any, TypeGuard

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from maskkit.errors import ContractError
from maskkit.wire import CONTRACTS, Failure, invalid

__all__ = [
    "REMOVEBG",
    "Refused",
    "answer",
    "on_contract_error",
    "on_database_error",
    "on_disconnect",
    "on_full_disk",
    "on_http_error",
    "on_invalid_field",
    "on_refused",
    "refusal",
]

logger = logging.getLogger("maskkit.server")
_TYPES = {
    400: "RequestBodyError",
    403: "Forbidden",
    404: "ResourceNotFound",
    405: "MethodNotAllowed",
    408: "RequestTimeout",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    422: "InputValidationError",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
    507: "InsufficientStorage",
}

REMOVEBG = "/v1.0/"
_REMBG = "/api/"
_REMOVEBG = {
    401: (403, "auth_failed"),
    403: (403, "auth_failed"),
    404: (404, "not_found"),
    405: (405, "method_not_allowed"),
    408: (400, "request_timeout"),
    413: (400, "file_too_large"),
    415: (400, "invalid_body"),
    422: (400, "invalid_parameter"),
    429: (429, "rate_limit_exceeded"),
    503: (503, "service_unavailable"),
    507: (507, "insufficient_storage"),
}


class Refused(Exception):  # noqa: N818 - an answer, not a fault of the program
    """Stop handling the request and answer this. Without ``type`` it has the gateway's form."""

    def __init__(
        self,
        status: int,
        type: str | None,
        title: str,
        *,
        code: int | str | None = None,
        details: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.headers = status, dict(headers or {})
        self.failure = Failure(code=status if code is None else code, type=type, title=title, details=details)


def answer(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer in ASCII: texts of clients come back in it, and may hold half a surrogate pair."""
    content = json.dumps(body, separators=(",", ":"))
    return Response(content, status, dict(headers or {}), media_type="application/json")


def refusal(path: str, status: int, failure: Failure, headers: Mapping[str, str] | None = None) -> Response:
    """The answer in v1's form below ``/sensei/``, remove.bg's below ``/v1.0/``, rembg's below ``/api/``.

    Else it is in v2's.
    """
    if path.startswith(REMOVEBG):
        return _removebg(status, failure, headers)
    if path.startswith(_REMBG):
        return answer({"detail": str(failure.title)}, status, headers)
    contract = CONTRACTS["v1" if path.startswith("/sensei/") else "v2"]
    return answer(contract.write_error(failure), status, headers)


def _removebg(status: int, failure: Failure, headers: Mapping[str, str] | None) -> Response:
    """Every error is a list there; keys are answered with 403, long bodies and wrong fields with 400."""
    kept = {name: value for name, value in (headers or {}).items() if name != "www-authenticate"}
    if status == 429:
        kept.setdefault("retry-after", "2")
    framework = failure.type == _TYPES[400]
    status, code = _REMOVEBG.get(status, (status, "invalid_body" if framework else failure.type))
    said = {"title": str(failure.title), "code": str(code)}
    if failure.details:
        said["detail"] = str(failure.details)
    return answer({"errors": [said]}, status, kept)


async def on_refused(request: Request, error: Exception) -> Response:
    """Handler of `Refused`."""
    assert isinstance(error, Refused)  # noqa: S101 - registered for this type
    return refusal(request.url.path, error.status, error.failure, error.headers)


async def on_contract_error(request: Request, error: Exception) -> Response:
    """Handler of `ContractError`: the body breaks the contract, and the answer says where."""
    assert isinstance(error, ContractError)  # noqa: S101 - registered for this type
    return refusal(request.url.path, 400, invalid(error))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Handler of the framework's own refusals: no such path, wrong method, unreadable form."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    if _is_full(error.__cause__):  # the framework takes whatever fails below a form for a bad form
        return await on_full_disk(request, error.__cause__)
    status, headers = error.status_code, dict(error.headers or {})
    if status == 405:  # the framework names the methods of one route of the path only
        headers = {"allow": ", ".join(_methods(request))}
    failure = Failure(code=status, type=_TYPES.get(status, "RequestError"), title=str(error.detail))
    return refusal(request.url.path, status, failure, headers)


async def on_invalid_field(request: Request, error: Exception) -> Response:
    """Handler of fields of a form or a query that are missing or out of range."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    said = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
    failure = Failure(code=422, type="InputValidationError", title=said[:1000])
    return refusal(request.url.path, 422, failure)


async def on_database_error(request: Request, error: Exception) -> Response:
    """Handler of a database that is locked, full or away: nothing was accepted, try again."""
    logger.error("the database failed (%s)", type(error).__name__)
    failure = Failure(code=503, type="ServiceUnavailable", title="the jobs table cannot be reached")
    return refusal(request.url.path, 503, failure, {"retry-after": "2"})


def _is_full(error: BaseException | None) -> TypeGuard[OSError]:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


async def on_full_disk(request: Request, error: Exception) -> Response:
    """Handler of a full disk: an upload of more than a megabyte waits in the folder of temporary files.

    Raises whatever else the system said.
    """
    if not _is_full(error):
        raise error
    logger.error("an upload cannot be kept (%s)", error.strerror)
    title = f"the upload cannot be kept ({error.strerror})"
    return refusal(request.url.path, 507, Failure(code=507, type=_TYPES[507], title=title))


async def on_disconnect(request: Request, _error: Exception) -> Response:
    """Handler of a client that left in the middle of its body: for the log, since nobody reads the answer."""
    failure = Failure(code=400, type="RequestBodyError", title="the body ended early")
    return refusal(request.url.path, 400, failure)


def _methods(request: Request) -> list[str]:
    partial = (r for r in request.app.state.routes if r.matches(request.scope)[0] is Match.PARTIAL)
    return sorted({method for route in partial for method in getattr(route, "methods", None) or ()})
