"""Secrets out of whatever is logged, raised or shown; standard library only.

A signed URL is a password: whoever reads its query can fetch or overwrite the picture. Tokens likewise.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["Redacted", "redact", "redact_all"]

_URL = re.compile(
    r"""(?ix)\b([a-z][a-z0-9+.-]*://)   # scheme
    (?:[^\s/?#@"'<>]*@)?               # user and password
    ([^\s/?#"'<>]*)                    # host
    ([^\s?#"'<>]*)                     # path
    ([?#][^\s"'<>]*)?                  # query, fragment"""
)
_SECRET_PATH = re.compile(
    r"(?i)(^|\.)(dropboxapi|dropboxusercontent)\.com(:\d+)?$"
)  # the path is the key there
_PAIR = re.compile(
    r"""(?ix)(
    (?:access_token|refresh_token|client_secret|authorization|x-api-key|password|token|sig|signature
     |x-(?:amz|goog)-[a-z-]+)
    ["']?\s*[=:]\s*["']?)
    (?:bearer\s+)?[^\s"'&,;})\]]+"""
)
_BEARER = re.compile(r"(?i)\b(bearer)\s+[\w.~+/-]+=*")
_JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")


def _bare_url(match: re.Match[str]) -> str:
    scheme, host, path, query = match.groups()
    if _SECRET_PATH.search(host) and len(path) > 1:
        path = "/…"
    return f"{scheme}{host}{path}{'?…' if query else ''}"


def redact(text: object) -> str:
    """``str(text)`` without URL queries, URL passwords, bearer tokens and values named like secrets.

    >>> redact("PUT https://bucket.s3.amazonaws.com/k/1.png?X-Amz-Signature=abc failed")
    'PUT https://bucket.s3.amazonaws.com/k/1.png?… failed'
    >>> redact("Authorization: Bearer abc.def")
    'Authorization: …'
    """
    bare = _URL.sub(_bare_url, str(text))
    return _JWT.sub("…", _BEARER.sub(r"\1 …", _PAIR.sub(r"\1…", bare)))


def redact_all(value: Any) -> Any:
    """JSON with every string in it redacted.

    >>> redact_all({"href": ["https://a/b?sig=1", 7]})
    {'href': ['https://a/b?…', 7]}
    """
    if isinstance(value, Mapping):
        return {name: redact_all(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [redact_all(one) for one in value]
    return redact(value) if isinstance(value, str) else value


class Redacted:
    """A dataclass of this kind shows its members in its repr, with the secrets taken out."""

    def __repr__(self) -> str:
        members = (f for f in dataclasses.fields(self) if f.repr)  # type: ignore[arg-type]
        shown = ", ".join(f"{f.name}={redact(repr(getattr(self, f.name)))}" for f in members)
        return f"{type(self).__name__}({shown})"
