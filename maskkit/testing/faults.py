"""How a service misbehaves: what is said instead of the right answer, and the ways not to say anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from maskkit.wire import Body

__all__ = ["Fault", "How", "documented"]

How = Literal["answer", "reset", "close", "truncate", "hang", "endless", "drip"]

_GATEWAY: dict[int, Body] = {
    401: {"error_code": "401013", "message": "Oauth token is not valid"},
    403: {"error_code": "403003", "message": "Api Key is invalid"},
    429: {"error_code": "429050", "message": "Too many requests"},
    500: {"error_code": "500000", "message": "Internal server error"},
    502: {"error_code": "502000", "message": "Bad gateway"},
    503: {"error_code": "503000", "message": "Service unavailable"},
    504: {"error_code": "504000", "message": "Gateway time-out"},
}
_V1: dict[int, Body] = {
    400: {
        "code": 400,
        "type": "InputValidationError",
        "reason": [
            {
                "keyword": "enum",
                "dataPath": ".input.storage",
                "schemaPath": "#/properties/input/properties/storage/enum",
                "params": {"allowedValues": ["external", "azure", "dropbox", "adobe"]},
                "message": "should be equal to one of the allowed values",
            }
        ],
    },
    402: {"code": 402, "type": "TrialLimitExceededError", "title": "The trial is used up"},
    404: {"code": 404, "type": "ResourceNotFound", "title": "The requested resource was not found"},
    409: {"code": 409, "type": "FileOverwriteError", "title": "The output exists already"},
    410: {"code": 410, "type": "FileLinkInvalidError", "title": "The link is not valid any more"},
    415: {"code": 415, "type": "UnsupportedMediaType", "title": "application/json is needed"},
}
_V2: dict[int, Body] = {
    400: {"error_code": "bad_request", "message": "The body is not valid"},
    404: {"error_code": "not_found", "message": "No such job"},
    422: {"error_code": "unprocessable", "message": "The image cannot be read"},
}


def documented(status: int, api: str) -> Body | None:
    """The body that a contract documents for a status, as far as it does.

    >>> documented(401, "v2")["error_code"]
    '401013'
    """
    own = _V2 if api == "v2" else _V1
    return own.get(status) or _GATEWAY.get(status)


@dataclass
class Fault:
    """What happens to the next ``times`` requests that ``route`` matches, after ``after`` went well.

    ``route`` is the beginning of ``"METHOD /path"``. ``how`` is "answer" (with status, headers and body),
    "reset", "close" (without a word), "truncate" (a body cut short), "hang" (no answer), "endless" (a body
    without an end), "drip" (headers without an end).
    """

    route: str
    status: int = 500
    body: bytes | str | Mapping[str, object] | list[object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    how: How = "answer"
    times: int = 1
    after: int = 0

    def takes(self, method: str, path: str) -> bool:
        """It is this request's turn to fail (and is counted)."""
        if self.times < 1 or not f"{method} {path}".startswith(self.route):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True

    def content(self) -> bytes:
        """The body, which is the documented one unless another is given."""
        body = self.body
        if body is None:
            body = documented(self.status, "v2" if "/v2/" in self.route else "v1") or {}
        if isinstance(body, bytes):
            return body
        return (body if isinstance(body, str) else json.dumps(body)).encode()
