"""Secrets out of whatever is logged, raised or shown; standard library only.

A signed URL is a password: whoever reads its query can fetch or overwrite the picture. Tokens likewise.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

__all__ = ["Redacted", "redact", "redact_all", "secrets_of", "without"]

# Each pattern takes a time that grows with the text, not with its square: a stranger chooses the text. So a
# run of characters is looked at from its beginning alone, and what may be long is bounded.
_URL = re.compile(
    r"""(?ix)(?<![a-z0-9+.-])([a-z0-9+.-]+://)   # scheme
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
    (?:access_token|refresh_token|client[_-]secret|authorization|(?:x-)?api[_-]?key|password|token|sig|signature
     |x-(?:amz|goog)-[a-z-]{1,40})
    ["']?\s*(?:[=:]|%3d|\\u003d)\s*["']?)
    (?:(?:bearer|basic)\s+)?[^\s"'&,;})\]]+"""
)
_BEARER = re.compile(r"(?i)\b(bearer)\s+[\w.~+/-]+=*")
_ENCODED_URL = re.compile(r"(?i)(?<![a-z0-9+.-])([a-z0-9+.-]+%3a%2f%2f)[^\s\"'<>&]*")
_QUOTED_BY_S3 = re.compile(
    r"(?i)<(SignatureProvided|StringToSign|StringToSignBytes|CanonicalRequest|CanonicalRequestBytes"
    r"|AWSAccessKeyId)>[^<]*"
)
_SHORTEST = 8  # characters of what can be a secret; shorter words are in every text
_QUERY = re.compile(r"[?#]([^\s\"'<>]+)")
_RELATIVE = re.compile(r"(?<=\?)[\w%.~+-]+=[^\s\"'<>]*")  # the query of a URL without a host
# Signatures by their form, for those that were never ours to know: HMAC-SHA256 and RSA in hex (S3, GCS),
# HMAC-SHA256 in base64 (Azure), and the ids of AWS's keys.
_SIGNATURE = re.compile(
    r"\b[0-9a-fA-F]{64,}\b|(?<![\w+/%])(?:[A-Za-z0-9+/]|%2[BbFf]){43}(?:=|%3[Dd])|\bA[KS]IA[A-Z0-9]{16}\b"
)
_SHORTEST_FORM = 20  # letters of the shortest of these, an AWS key's id
_JWT = re.compile(r"(?<![\w-])(?=[\w-]+\.[\w-])([\w-]*?)\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")


def _bare_url(match: re.Match[str]) -> str:
    scheme, host, path, query = match.groups()
    if _SECRET_PATH.search(host) and len(path) > 1:
        path = "/…"
    return f"{scheme}{host}{path}{'?…' if query else ''}"


def redact(text: object) -> str:
    """``str(text)`` without URL queries, URL passwords, bearer tokens, signatures, values named like secrets.

    >>> redact("PUT https://bucket.s3.amazonaws.com/k/1.png?X-Amz-Signature=abc failed")
    'PUT https://bucket.s3.amazonaws.com/k/1.png?… failed'
    >>> redact("Authorization: Bearer abc.def")
    'Authorization: …'
    """
    text = str(text)
    if text.isidentifier() and len(text) < _SHORTEST_FORM:  # what is taken out is longer or no mere name
        return text
    bare = _URL.sub(_bare_url, _QUOTED_BY_S3.sub(r"<\1>…", text))
    bare = _RELATIVE.sub("…", _ENCODED_URL.sub(r"\1…", bare))
    return _SIGNATURE.sub("…", _JWT.sub(r"\1…", _BEARER.sub(r"\1 …", _PAIR.sub(r"\1…", bare))))


def secrets_of(text: str) -> set[str]:
    """The values in the queries of the URLs in ``text``, as they are and unquoted.

    >>> sorted(secrets_of('{"href": "https://a/b?X-Amz-Signature=abc%2Fdefgh&n=1"}'))
    ['abc%2Fdefgh', 'abc/defgh']
    """
    pairs = [pair for query in _QUERY.findall(text) for pair in query.split("&")]
    values = {pair.partition("=")[2] or pair for pair in pairs}
    return {form for value in values if len(value) >= _SHORTEST for form in (value, unquote(value))}


def without(text: str, secrets: Iterable[str]) -> str:
    """``text`` without these very words, also percent-encoded ones.

    >>> without("no such token: a+b/cdefg or a%2bb%2Fcdefg", ["a+b/cdefg"])
    'no such token: … or …'
    """
    for secret in sorted((one for one in secrets if len(one) >= _SHORTEST), key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), quote(quote(secret, safe=""), safe="")):
            text = re.sub(re.escape(form), "…", text, flags=re.IGNORECASE)
    return text


def redact_all(value: Any) -> Any:
    """JSON with every string in it redacted.

    >>> redact_all({"href": ["https://a/b?sig=1", 7]})
    {'href': ['https://a/b?…', 7]}
    """
    if isinstance(value, Mapping):
        return {redact(name): redact_all(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [redact_all(one) for one in value]
    return redact(value) if isinstance(value, str) else value


class Redacted:
    """A dataclass of this kind shows its members in its repr, with the secrets taken out."""

    def __repr__(self) -> str:
        members = (f for f in dataclasses.fields(self) if f.repr)  # type: ignore[arg-type]
        shown = ", ".join(f"{f.name}={redact(repr(getattr(self, f.name)))}" for f in members)
        return f"{type(self).__name__}({shown})"
