"""Texts that this server signed and that expire: tokens, and the keys of files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from maskkit.errors import MaskkitError

if TYPE_CHECKING:
    from itsdangerous import URLSafeSerializer

__all__ = ["SECRET", "Signer", "read_secret"]

SECRET = "secret"  # noqa: S105 - the name of a file
"""The name of the file, in the data dir."""

_SECRET_BITS = 256
_ALPHABETS = {b"0123456789": 3.3, b"0123456789abcdefABCDEF": 4.0}  # and the bits of a random character
_FEWEST = 10  # different characters; of 43 random ones there are fewer once in 10^20 times
_MAKE = "openssl rand -hex 32"


@dataclass(frozen=True, repr=False)
class Signer:
    """Signs with one secret; ``purpose`` keeps a token from being taken for a file's key.

    >>> signer = Signer(b"secret", clock=lambda: 1000.0)
    >>> signer.read("GET", signer.sign("GET", "a1.png", seconds=60))
    'a1.png'
    >>> signer.read("PUT", signer.sign("GET", "a1.png", seconds=60)) is None
    True
    """

    secret: bytes
    clock: Callable[[], float] = time.time
    ahead: Callable[[], float] = lambda: 0.0  # seconds by which the clock was set forward

    @property
    def key(self) -> bytes:
        """32 bytes for keyed hashes of one's own, from which the secret cannot be told."""
        return hashlib.sha256(b"maskkit names" + self.secret).digest()

    def sign(self, purpose: str, text: str, seconds: float) -> str:
        """``text`` and its time of expiry, signed, as characters that a URL can hold."""
        signed = _serializer(self.secret, purpose).dumps([text, int(self.clock() + seconds)])
        return signed if isinstance(signed, str) else signed.decode("ascii")

    def read(self, purpose: str, signed: str) -> str | None:
        """The text, or None if this server did not sign it for this purpose or its time is over."""
        known = _signed(self.secret, purpose, signed)
        return known[0] if known and self.clock() - self.ahead() < known[1] else None


@lru_cache(maxsize=256)  # an order's URL is read when it is checked, and again when it is fetched
def _signed(secret: bytes, purpose: str, signed: str) -> tuple[str, float] | None:
    """What was signed for this purpose and when it expires; None where this server did not sign it."""
    from itsdangerous import BadData

    try:
        text, expires = _serializer(secret, purpose).loads(signed)
    except (BadData, UnicodeError):
        return None
    return str(text), float(expires)


@lru_cache(maxsize=256)
def _serializer(secret: bytes, purpose: str) -> URLSafeSerializer:
    from itsdangerous import URLSafeSerializer

    return URLSafeSerializer(secret, salt=purpose)


def read_secret(data_dir: Path) -> bytes:
    """The server's signing secret: made once, kept in ``data_dir`` for its owner's eyes only.

    Servers that share one database share it too: by a common folder, or by ``MASKKIT_SERVER_SECRET``.
    """
    given = os.environ.get("MASKKIT_SERVER_SECRET")
    if given is not None:
        secret = os.fsencode(given)
        return _strong(secret, "MASKKIT_SERVER_SECRET", f"make one with: {_MAKE}")
    path = data_dir / SECRET
    if not path.exists():
        _make_secret(path)
    return _strong(path.read_bytes(), str(path), "remove the file, and the server makes one")


def _make_secret(path: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent) as file:  # its mode is 0600
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())  # a file that is empty after a power cut would be refused
        with contextlib.suppress(FileExistsError):  # another server was quicker
            os.link(file.name, path)


def _strong(secret: bytes, name: str, remedy: str) -> bytes:
    """``secret``, if it can be worth 32 random bytes; otherwise anybody could sign links and tokens."""
    if _bits(secret) < _SECRET_BITS:
        raise MaskkitError(f"{name}: need a secret worth 32 random bytes, got {len(secret)} bytes; {remedy}")
    return secret


def _bits(secret: bytes) -> float:
    """The most that a random secret of this length and these characters can be worth.

    >>> _bits(b"x" * 100), _bits(b"0123456789abcdef" * 4), _bits(bytes(range(32)))
    (0.0, 256.0, 256.0)
    """
    text = secret.strip().rstrip(b"=")
    if len(set(text)) < _FEWEST:
        return 0.0
    for alphabet, bits in _ALPHABETS.items():
        if set(text) <= set(alphabet):
            return len(text) * bits
    return len(text) * 6.0 if text.isascii() and text.decode().isprintable() else len(secret) * 8.0
