"""A store of signed URLs: PUT, GET and DELETE, each of which needs its own signature."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from urllib.parse import parse_qs, urlencode, urlsplit

__all__ = ["Store", "StoreStaging"]


class Store:
    """Files by path. A URL with ``sig`` is checked (verb, path, expiry); one that S3 signed is believed."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._secret = secrets.token_bytes(16)

    def signature(self, method: str, path: str, expires: str) -> str:
        """HMAC-SHA256 of verb, path and expiry."""
        return hmac.new(self._secret, f"{method} {path} {expires}".encode(), hashlib.sha256).hexdigest()

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        """Status and body for a request."""
        path = urlsplit(target).path
        if not self._allowed(method, path, target):
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        if method == "PUT":
            self.files[path] = body
            return 200, b""
        if path not in self.files:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>"
        if method == "DELETE":
            del self.files[path]
            return 204, b""
        return 200, self.files[path]

    def _allowed(self, method: str, path: str, target: str) -> bool:
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        if "X-Amz-Signature" in query:
            return True
        expires = query.get("expires", "")
        good = hmac.compare_digest(query.get("sig", ""), self.signature(method, path, expires))
        return good and float(expires) > time.time()


class StoreStaging:
    """The staging area of a scripted server: URLs below ``base`` that its `Store` checks."""

    def __init__(self, base: str, store: Store) -> None:
        self.base, self._store = base, store

    def sign(self, method: str, key: str, expires_in: float) -> str:
        """A URL for ``method`` on ``key``."""
        url = f"{self.base}/{key}"
        expires = f"{time.time() + expires_in:.0f}"
        signature = self._store.signature(method, urlsplit(url).path, expires)
        return f"{url}?{urlencode({'expires': expires, 'sig': signature})}"
