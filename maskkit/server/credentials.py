"""Who a request comes from: API key and bearer token against a file of hashes, compared in constant time.

The file has one client a line, ``CLIENT_ID sha256$SALT$HEX``. A secret is 32 random bytes made here, so a
plain salted hash is enough: there is nothing to guess. A client sends its secret as the bearer token, or
trades it at ``/ims/token/v3`` for one that expires, as Adobe's clients do.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maskkit.errors import MaskkitError
from maskkit.server.signing import Signer

__all__ = ["Credentials", "CredentialsError", "add_client", "read_credentials"]

TOKEN_SECONDS = 3600
_CLIENT_ID = re.compile(r"^[\w.@-]{1,128}$")
_LINE = re.compile(r"^(\S+)\s+sha256\$([0-9a-f]{32})\$([0-9a-f]{64})$")
_NOBODY = ("0" * 32, "0" * 64)  # compared with for unknown clients, so that they take as long


class CredentialsError(MaskkitError):
    """The credentials file cannot be used; the text says which line, never what is in it."""


@dataclass(frozen=True)
class Credentials:
    """The known clients (id to salt and hash) and the signer of their tokens."""

    clients: Mapping[str, tuple[str, str]]
    signer: Signer

    def check_secret(self, client_id: str, secret: str) -> bool:
        """Whether ``secret`` is this client's."""
        salt, wanted = self.clients.get(client_id, _NOBODY)
        return hmac.compare_digest(_digest(salt, secret), wanted)

    def check_token(self, client_id: str, token: str) -> bool:
        """Whether ``token`` is this client's secret, or a token issued to it that has not expired."""
        named = self.signer.read("token", token)
        issued = named is not None and hmac.compare_digest(named.encode(), client_id.encode())
        return self.check_secret(client_id, token) or (issued and client_id in self.clients)

    def knows_token(self, token: str) -> bool:
        """Whether any client may use ``token``: the gateway's question before it looks at the API key."""
        matches = [self.check_token(client_id, token) for client_id in self.clients]
        return any(matches)

    def issue(self, client_id: str) -> str:
        """A token for this client that expires in `TOKEN_SECONDS`."""
        return self.signer.sign("token", client_id, TOKEN_SECONDS)


def read_credentials(path: Path, signer: Signer) -> Credentials:
    """The clients in a credentials file; empty lines and lines that begin with # are skipped."""
    clients = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"{path}: cannot be read ({type(error).__name__})") from None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line.strip())
        if not match:
            raise CredentialsError(f"{path}, line {number}: need CLIENT_ID sha256$SALT$HEX")
        clients[match[1]] = (match[2], match[3])
    if not clients:
        raise CredentialsError(f"{path}: has no client; add one with: maskkit serve --add-client NAME")
    return Credentials(clients, signer)


def add_client(path: Path, client_id: str) -> str:
    """Append a client to the file (made readable by its owner only) and return its new secret, once."""
    if not _CLIENT_ID.match(client_id):
        raise CredentialsError("client id: need 1 to 128 letters, digits, or any of . @ _ -")
    if path.exists() and client_id in path.read_text("utf-8").split():
        raise CredentialsError(f"{path}: has a client {client_id!r} already")
    secret, salt = secrets.token_urlsafe(32), secrets.token_hex(16)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(f"{client_id} sha256${salt}${_digest(salt, secret)}\n")
    return secret


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}{secret}".encode()).hexdigest()
