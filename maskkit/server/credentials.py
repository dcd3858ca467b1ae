"""Who a request comes from: API key and bearer token against a file of hashes, compared in constant time.

The file has one client a line, ``CLIENT_ID sha256$SALT$HEX hook$HEX``. A secret is 32 random bytes made
here, so a plain salted hash is enough: there is nothing to guess. A client sends its secret as the bearer
token, or trades it at ``/ims/token/v3`` for one that expires, as Adobe's clients do. A server that runs sees
the file change: who is added may at once, who is removed may no more. ``hook`` is the key of the client's
events, made of the secret, which it does not give away; lines of before there were events have none.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from maskkit.codec import atomic
from maskkit.errors import CodecError, MaskkitError
from maskkit.server.signing import Signer
from maskkit.wire.events import event_key

__all__ = [
    "ANYBODY",
    "TOKEN_SECONDS",
    "Credentials",
    "CredentialsError",
    "CredentialsFile",
    "Known",
    "add_client",
    "owner_of",
    "read_credentials",
    "remove_client",
]

Known = Mapping[str, tuple[str, str]]  # each client's salt, and the hash of its secret with it
TOKEN_SECONDS = 3600
ANYBODY = "anonymous"  # the one client of a server without credentials
_CLIENT_ID = re.compile(r"[\w.@-]{1,128}", re.ASCII)  # what any client can put into a header
_LINE = re.compile(r"^(\S+)\s+sha256\$([0-9a-f]{32})\$([0-9a-f]{64})(?:\s+hook\$([0-9a-f]{64}))?$")
_NOBODY = ("0" * 32, "0" * 64)  # compared with for unknown clients, so that they take as long
logger = logging.getLogger("maskkit.server")


def owner_of(client: str) -> str:
    """Whose a client's jobs and files are: the peers of an open server have shares of their own, no more.

    >>> owner_of("anonymous/192.0.2.7"), owner_of("shop")
    ('anonymous', 'shop')
    """
    return client.partition("/")[0]  # no client's id has a slash


class CredentialsError(MaskkitError):
    """The credentials file cannot be used; the text says which line, never what is in it."""


@dataclass(frozen=True)
class Credentials:
    """The known clients and the signer of their tokens."""

    clients: Known
    signer: Signer
    hooks: Mapping[str, bytes] = field(default_factory=dict)  # the key of each client's events

    def check_secret(self, client_id: str, secret: str) -> bool:
        """Whether ``secret`` is this client's."""
        salt, wanted = self.clients.get(client_id, _NOBODY)
        return hmac.compare_digest(_digest(salt, secret), wanted)

    def check_token(self, client_id: str, token: str) -> bool:
        """Whether ``token`` is this client's secret, or a token issued to it that has not expired."""
        named = self.signer.read(self._purpose(client_id), token)
        issued = named is not None and hmac.compare_digest(named.encode(), client_id.encode())
        return self.check_secret(client_id, token) or (issued and client_id in self.clients)

    def knows_token(self, token: str) -> bool:
        """Whether any client may use ``token``: what the gateway tells apart from a wrong API key."""
        matches = [self.check_token(client_id, token) for client_id in self.clients]
        return any(matches)

    def client_of(self, token: str) -> str | None:
        """Whose secret, or token issued, this is; all are compared, so that every answer takes as long."""
        matches = [one for one in self.clients if self.check_token(one, token)]
        return matches[0] if matches else None

    def issue(self, client_id: str) -> str:
        """A token for this client that expires in `TOKEN_SECONDS`."""
        return self.signer.sign(self._purpose(client_id), client_id, TOKEN_SECONDS)

    def _purpose(self, client_id: str) -> str:
        # with the salt in it, tokens end with the secret that they were given for
        return f"token {self.clients.get(client_id, _NOBODY)[0]}"


class CredentialsFile:
    """A credentials file that is read again when it has changed; what cannot be read changes nothing.

    Raises CredentialsError where it cannot be used from the start.
    """

    def __init__(self, path: Path, signer: Signer) -> None:
        self._path, self._signer = path, signer
        self._stamp, self._known = _stamp(path), read_credentials(path, signer)
        if not self._known.clients:
            raise CredentialsError(
                f"{path}: has no client; add one with: maskkit serve --credentials {path} --add-client NAME"
            )

    def now(self) -> Credentials:
        """The clients of this moment; a file that has become unusable leaves the last good ones (logged)."""
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp = stamp  # taken before reading: what is written meanwhile is read next time
            try:
                self._known = read_credentials(self._path, self._signer)
                logger.info("credentials read again: %d clients", len(self._known.clients))
            except CredentialsError as error:
                logger.warning("credentials stay as they were: %s", error)
        return self._known


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def read_credentials(path: Path, signer: Signer) -> Credentials:
    """The clients in a credentials file; empty lines and lines that begin with # are skipped."""
    clients, hooks = {}, {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line.strip())
        if not match:
            raise CredentialsError(f"{path}, line {number}: need CLIENT_ID sha256$SALT$HEX")
        if match[1] in clients:
            raise CredentialsError(f"{path}, line {number}: the client of an earlier line")
        clients[match[1]] = (match[2], match[3])
        if match[4]:
            hooks[match[1]] = bytes.fromhex(match[4])
    return Credentials(clients, signer, hooks)


def add_client(path: Path, client_id: str) -> str:
    """Add a client to the file (a new one is its owner's alone to read); returns its secret, once."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise CredentialsError("client id: need 1 to 128 letters, digits, or any of . @ _ -")
    lines = _lines(path) if path.exists() else []
    if any(line.split()[:1] == [client_id] for line in lines):
        raise CredentialsError(f"{path}: has a client {client_id!r} already")
    secret, salt = secrets.token_urlsafe(32), secrets.token_hex(16)
    hook = event_key(secret).hex()
    _replace(path, [*lines, f"{client_id} sha256${salt}${_digest(salt, secret)} hook${hook}"])
    return secret


def remove_client(path: Path, client_id: str) -> None:
    """Take a client out of the file: its secret and the tokens it was given are worth nothing from now on."""
    lines = _lines(path)
    kept = [line for line in lines if line.split()[:1] != [client_id]]
    if kept == lines:
        raise CredentialsError(f"{path}: has no client {client_id!r}")
    _replace(path, kept)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").splitlines()  # editors put a mark before the first line
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"{path}: cannot be read ({type(error).__name__})") from None


def _replace(path: Path, lines: list[str]) -> None:
    """The file with new lines: it changes at once or not at all, and stays whose it was."""
    before = path.stat() if path.exists() else None
    try:
        with atomic(path) as temporary:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
            if before is not None:
                temporary.chmod(before.st_mode & 0o777)
                if os.name == "posix":
                    os.chown(temporary, before.st_uid, before.st_gid)
    except CodecError as error:
        raise CredentialsError(str(error)) from None


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}{secret}".encode("utf-8", "surrogatepass")).hexdigest()
