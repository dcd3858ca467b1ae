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
from pathlib import Path

__all__ = ["Signer", "read_secret"]


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

    @property
    def key(self) -> bytes:
        """32 bytes for keyed hashes of one's own, from which the secret cannot be told."""
        return hashlib.sha256(b"maskkit names" + self.secret).digest()

    def sign(self, purpose: str, text: str, seconds: float) -> str:
        """``text`` and its time of expiry, signed, as characters that a URL can hold."""
        from itsdangerous import URLSafeSerializer

        signed = URLSafeSerializer(self.secret, salt=purpose).dumps([text, int(self.clock() + seconds)])
        return signed if isinstance(signed, str) else signed.decode("ascii")

    def read(self, purpose: str, signed: str) -> str | None:
        """The text, or None if this server did not sign it for this purpose or its time is over."""
        from itsdangerous import BadData, URLSafeSerializer

        try:
            text, expires = URLSafeSerializer(self.secret, salt=purpose).loads(signed)
        except (BadData, UnicodeError):
            return None
        return str(text) if self.clock() < expires else None


def read_secret(data_dir: Path) -> bytes:
    """The server's signing secret: made once, kept in ``data_dir`` for its owner's eyes only.

    Servers that share one database share it too: by a common folder, or by ``MASKKIT_SERVER_SECRET``.
    """
    if given := os.environ.get("MASKKIT_SERVER_SECRET"):
        return given.encode()
    path = data_dir / "secret"
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=data_dir) as file:  # its mode is 0600
            file.write(secrets.token_bytes(32))
            file.flush()
            with contextlib.suppress(FileExistsError):  # another server was quicker
                os.link(file.name, path)
    return path.read_bytes()
