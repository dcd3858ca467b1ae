"""Where files sit behind signed URLs. A staging area does one thing: it signs a verb on a key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, runtime_checkable
from urllib.parse import parse_qs, urlsplit

from maskkit.adobe.hosts import origin
from maskkit.adobe.store_keys import from_connection_string, needed
from maskkit.errors import FetchError, MissingExtraError
from maskkit.redact import Redacted
from maskkit.wire.v1 import Storage

__all__ = [
    "ObjectStaging",
    "SignedURLs",
    "Staging",
    "expires_at",
    "new_keys",
    "put_headers",
    "signed_headers",
    "storage_of",
]

_TYPES = (  # by the bytes that files begin with
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"RIFF", "image/webp"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
)
_LONGEST = 7 * 86400.0  # seconds; what S3 and GCS sign at most


@runtime_checkable
class Staging(Protocol):
    """A store of one's own: ``sign("PUT", key, 600)`` gives a URL that takes a PUT for 600 seconds.

    Verbs are PUT, GET and DELETE. A ``sign`` that waits on the network may be a coroutine function where
    the client is the asynchronous one.
    """

    def sign(self, method: str, key: str, expires_in: float) -> Any:
        """A URL for ``method`` on ``key``, good for ``expires_in`` seconds."""
        ...


class ObjectStaging:
    """S3, Google Cloud Storage or Azure Blob Storage, signed by obstore (``maskkit[staging]``).

    Parameters
    ----------
    url : ``s3://bucket/prefix``, ``gs://bucket/prefix`` or ``az://container/prefix``.
    options : obstore's configuration of the store (``endpoint``, ``region``, ``access_key_id``, ...);
        what is not given comes from the environment (``AWS_*``, ``GOOGLE_*``, ``AZURE_*``).
    """

    def __init__(self, url: str, **options: Any) -> None:
        try:
            import obstore.store
        except ImportError:
            raise MissingExtraError("staging", "obstore") from None
        scheme, _, path = url.partition("://")
        container, _, prefix = path.strip("/").partition("/")
        kinds = {"s3": obstore.store.S3Store, "gs": obstore.store.GCSStore, "az": obstore.store.AzureStore}
        if scheme not in kinds or not container or "?" in path or "@" in path:
            raise FetchError("staging: need s3://bucket/prefix, gs://bucket/prefix or az://container/prefix")
        self._shown, self._needs = f"{scheme}://{path}", needed(scheme)
        if scheme == "az":
            options = from_connection_string() | options
        plain = str(options.get("endpoint", "")).startswith("http://")
        client = {"allow_http": True} if plain else None
        try:
            self._store: Any = kinds[scheme](
                container, prefix=prefix or None, client_options=client, **options
            )
        except Exception as error:  # obstore's own classes; their text may carry the configuration
            raise FetchError(
                f"staging: {self._shown} cannot be set up ({type(error).__name__}); set {self._needs}"
            ) from None

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"ObjectStaging({self._shown!r})"

    def sign(self, method: str, key: str, expires_in: float) -> str:
        """A signed URL for ``method`` on ``key``."""
        import obstore

        try:
            return str(obstore.sign(self._store, method, key, timedelta(seconds=expires_in)))  # type: ignore[call-overload]
        except Exception as error:  # as above: no detail that could be a secret
            raise FetchError(
                f"staging: {self._shown} signs no {method} ({type(error).__name__}); set {self._needs}"
            ) from None


@dataclass(frozen=True, repr=False)
class SignedURLs(Redacted):
    """A staging area of URLs signed beforehand, for one photo. What has no ``_delete`` stays behind."""

    photo_put: str
    photo_get: str
    result_put: str | None = None
    result_get: str | None = None
    photo_delete: str | None = None
    result_delete: str | None = None

    def sign(self, method: str, key: str, expires_in: float) -> str:  # noqa: ARG002 - they are signed already
        """The URL that was given for ``method`` on the photo or the result."""
        name = f"{'photo' if '-photo' in key else 'result'}_{method.lower()}"
        url: str | None = getattr(self, name)
        if url is None:
            raise FetchError(f"staging: SignedURLs has no {name}")
        return url


def new_keys(suffix: str) -> tuple[str, str]:
    """Keys for a photo and its result: hex, since some signers fail on names that need percent-encoding."""
    stem = secrets.token_hex(16)
    return f"{stem}-photo{suffix}", f"{stem}-result.png"


def lifetime(deadline: float) -> float:
    """How long a URL that the service uses is signed for: the deadline and a quarter of an hour."""
    if deadline + 900 > _LONGEST:
        raise FetchError(f"deadline: {deadline:g} s is longer than stores sign URLs for (7 days)")
    return deadline + 900


def storage_of(url: str) -> Storage:
    """v1's word for the kind of store that a URL leads to.

    >>> storage_of("https://me.blob.core.windows.net/c/k?sig=1"), storage_of("files/photo.jpg")
    ('azure', 'adobe')
    """
    scheme, host, _ = origin(url)
    if not scheme:
        return "adobe"
    if host.endswith(".core.windows.net") or {"sig", "sv"} <= _query(url).keys():
        return "azure"
    dropbox = any(f".{host}".endswith(name) for name in (".dropboxapi.com", ".dropboxusercontent.com"))
    return "dropbox" if dropbox else "external"


def _query(url: str) -> dict[str, str]:
    """The query's values by name in lower case; empty for what is no URL."""
    try:
        return {name.lower(): values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    except ValueError:
        return {}


def put_headers(url: str, content: bytes = b"") -> dict[str, str]:
    """What a PUT needs. Content-Type only where it was signed: stores refuse one that was not.

    >>> put_headers("https://b/k?X-Amz-SignedHeaders=content-type%3Bhost", bytes.fromhex("ffd8ff"))
    {'Content-Type': 'image/jpeg'}
    """
    azure = {"x-ms-blob-type": "BlockBlob"} if storage_of(url) == "azure" else {}
    return azure | ({"Content-Type": _type_of(content)} if "content-type" in signed_headers(url) else {})


def signed_headers(url: str) -> tuple[str, ...]:
    """The headers, beside the host, that a request to a signed URL has to carry (AWS and GCS, version 4).

    >>> signed_headers("https://b/k?X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-acl")
    ('content-type', 'x-amz-acl')
    """
    query = _query(url)
    listed = query.get("x-amz-signedheaders") or query.get("x-goog-signedheaders") or ""
    return tuple(name for name in listed.lower().split(";") if name not in ("", "host"))


def _type_of(content: bytes) -> str:
    return next((kind for start, kind in _TYPES if content.startswith(start)), "application/octet-stream")


def expires_at(url: str) -> float | None:
    """When a signed URL ends, in Unix time; None where its query does not say.

    >>> expires_at("https://b/k?X-Amz-Date=19700101T000100Z&X-Amz-Expires=60")
    120.0
    """
    query = _query(url)
    try:
        for vendor in ("x-amz", "x-goog"):
            if f"{vendor}-date" in query:
                signed = datetime.strptime(query[f"{vendor}-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                return signed.timestamp() + float(query[f"{vendor}-expires"])
        if "sig" in query and "se" in query:  # Azure
            return datetime.fromisoformat(query["se"]).replace(tzinfo=UTC).timestamp()
        return float(query["expires"]) if "expires" in query else None
    except (KeyError, ValueError):
        return None
