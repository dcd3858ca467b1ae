"""The server's own files: a folder below ``--data-dir``, behind signed URLs that expire.

v2 has no output URL, so its results lie here; clients without an object store put their photos here. The
signature in a URL is what admits a reader or a writer; the server reads and writes its own files directly,
without a detour over the network.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from maskkit.codec import atomic
from maskkit.errors import CodecError
from maskkit.server.compute import LAYERED
from maskkit.server.credentials import ANYBODY, Known, owner_of
from maskkit.server.faults import JobError
from maskkit.server.quota import Arrival, OverQuotaError, Quota
from maskkit.server.refusals import Refused
from maskkit.server.signing import Signer

__all__ = ["MEDIA_TYPES", "VERBS", "Files", "Verb", "media_type_of", "why_not_stored"]

Verb = Literal["GET", "PUT"]
VERBS: tuple[Verb, ...] = ("PUT", "GET")
MEDIA_TYPES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    **LAYERED,
}
_TYPES = {suffix: media_type for media_type, suffix in MEDIA_TYPES.items()}
_ANYBODY = {ANYBODY: ("", "")}
_PROBE_BYTES = 1 << 16
_NAME = re.compile(r"^[0-9a-f]{16}-[0-9a-f-]{32,36}(\.[a-z]{3,4})?$")
_PATH = re.compile(r"/files/([^/]+)$")


@dataclass(eq=False)
class Files:
    """The folder, the signer of its URLs, a file's seconds, a client's bytes, and the clients of the moment.

    A URL is void once its client is removed, and stays so when a client of that name is added again.
    What each client's files take is counted when `expire` looks through the folder, and kept up by what is
    written here: an order must not cost more the more files there are. Of what other servers write into a
    shared folder it knows from the next look on.
    """

    folder: Path
    signer: Signer
    ttl: float
    limit: int
    clients: Callable[[], Known] = field(default=lambda: _ANYBODY)
    _marks: tuple[Known, Mapping[str, str]] = field(default=({}, {}), init=False)
    _quota: Quota = field(init=False)

    def __post_init__(self) -> None:
        self._quota = Quota(self.limit)
        self.expire()

    def name(self, client: str, rest: str) -> str:
        """The name of a client's file: whose it is comes first, as a hash that says nothing to others."""
        owner = owner_of(client).encode()
        return f"{hashlib.blake2b(owner, key=self.signer.key, digest_size=8).hexdigest()}-{rest}"

    def check_room(self, client: str) -> None:
        """Raise Refused (429) where a client's files take all that they may."""
        if self._quota.is_full(_owner(self.name(client, ""))):
            title = f"this client's files take the {self.limit} bytes that they may; they go after their time"
            raise Refused(429, "TooManyRequests", title, headers={"retry-after": "60"})

    @contextlib.contextmanager
    def replacing(self, path: Path) -> Iterator[tuple[Path, Arrival]]:
        """`maskkit.codec.atomic` with an account of the bytes.

        The block tells the second value of every piece that it writes to the first; that raises
        OverQuotaError where the client has no room for it.
        """
        with self._quota.arrival(_owner(path.name), _size(path)) as arrival:
            with atomic(path) as temporary:
                yield temporary, arrival
                replaced = _size(path)
            arrival.keep(replaced)

    def url(self, base: str, verb: Verb, name: str) -> str:
        """A URL below ``base`` that admits ``verb`` on the file ``name`` until the file's time is over."""
        mark = self._mark(_owner(name)) or ""
        return f"{base}/files/{name}?sig={self.signer.sign(verb + mark, name, self.ttl)}"

    def path(self, verb: Verb, name: str, signature: str) -> Path | None:
        """Where the file is, if the signature admits ``verb`` on it."""
        mark = self._mark(_owner(name)) if _NAME.match(name) else None
        if mark is None:
            return None
        # the bare verb is what the version before signed with; such a link ends with its time
        purposes = dict.fromkeys((verb + mark, verb))  # one where there are no clients, and so no marks
        signed = (self.signer.read(purpose, signature) == name for purpose in purposes)
        return self.folder / name if any(signed) else None

    def _mark(self, owner: str) -> str | None:
        """The salt of the client whose files these are; None where there is no such client any more."""
        known = self.clients()
        if known is not self._marks[0]:  # the credentials were read again
            marks = {_owner(self.name(client, "")): salt for client, (salt, _) in known.items()}
            self._marks = known, marks
        return self._marks[1].get(owner)

    def own(self, verb: Verb, href: str) -> Path | None:
        """Where the file behind a URL is, if this server (or one that shares its secret) signed it."""
        with contextlib.suppress(ValueError):
            url = urlsplit(href)
            if found := _PATH.search(url.path):
                return self.path(verb, found[1], "".join(parse_qs(url.query).get("sig", [])))
        return None

    def read(self, path: Path) -> bytes:
        """The content of a file. Raises JobError if it is gone."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise JobError(
                404, "ResourceNotFound", "input: the file was not put, or its time is over"
            ) from None

    def write(self, path: Path, content: bytes) -> None:
        """The file appears whole or not at all. Raises JobError if the disk or the client's share is full."""
        try:
            with self.replacing(path) as (temporary, arrival):
                arrival.take(len(content))
                temporary.write_bytes(content)
        except (OverQuotaError, CodecError, OSError) as error:
            why = why_not_stored(error, self)
            raise JobError(507, "InsufficientStorage", f"output: {why}") from None

    def trouble(self) -> str:
        """Why no file can be stored at this moment, found out by writing one; empty where it can."""
        try:
            with tempfile.TemporaryFile(dir=self.folder) as file:
                file.write(bytes(_PROBE_BYTES))
                file.flush()
        except OSError as error:
            return why_not_stored(error, self)
        return ""

    def expire(self) -> None:
        """Delete the files whose time is over, count what is left."""
        limit, stored = time.time() - self.ttl - self.signer.ahead(), Counter[str]()
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # another server was quicker
                    seen = entry.stat()
                    if seen.st_mtime < limit:
                        Path(entry).unlink()
                    else:
                        stored[_owner(entry.name)] += seen.st_size
        self._quota.recount(stored)


def media_type_of(name: str) -> str:
    """The media type that a file's name stands for.

    >>> media_type_of("0123-4567.webp"), media_type_of("0123-4567")
    ('image/webp', 'application/octet-stream')
    """
    return _TYPES.get(Path(name).suffix, "application/octet-stream")


def why_not_stored(error: Exception, files: Files) -> str:
    """Why a file could not be stored, in words for a client: no path of the server is in them."""
    if isinstance(error, OverQuotaError):
        return (
            f"this client's files would take more than {files.limit} bytes in all; they go after their time"
        )
    if not files.folder.is_dir():
        return "the file cannot be stored (the server's folder of files is missing)"
    cause = error.__context__ if isinstance(error, CodecError) else error
    said = cause.strerror if isinstance(cause, OSError) else None
    return f"the file cannot be stored ({said or 'its place cannot be written'})"


def _owner(name: str) -> str:
    return name.partition("-")[0]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
