"""Photos and outputs in object stores: ``s3://bucket/key``, ``gs://bucket/key``, ``az://container/key``.

Nothing is downloaded to find out whether an object is the same: its ETag and size say so.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from importlib import import_module
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from maskkit.errors import AuthError, CodecError, MissingExtraError, PixelError, TransportError

__all__ = [
    "RefusedError", "beside", "downloaded", "is_url", "listed", "read", "remove", "size_in", "stamp",
    "stamps_of", "write",
]  # fmt: skip

_KINDS = {"s3": "S3Store", "gs": "GCSStore", "az": "AzureStore"}
_SCHEMES = tuple(f"{kind}://" for kind in _KINDS)
_PAGE = 1000
_AT_ONCE = 32  # questions in flight: each waits for the network alone
_REFUSALS = (  # in the text of errors whose class does not say it: 400 for an expired token, 403 of a listing
    "expired", "invalidtoken", "tokenrefreshrequired", "authenticationfailed", "signaturedoesnotmatch",
    "accessdenied", "401 unauthorized", "403 forbidden",
)  # fmt: skip


class RefusedError(AuthError):
    """A store refuses the credentials: no other object would fare better."""


def is_url(name: object) -> bool:
    """The name of an object, or of a folder of objects.

    >>> is_url("s3://shop/photos"), is_url("photos"), is_url("https://shop/photos")
    (True, False, False)
    """
    return isinstance(name, str) and name.startswith(_SCHEMES)


def listed(url: str) -> Iterator[tuple[str, str, str]]:
    """The objects below a URL, a page at a time: the URL of each, its path inside, and its stamp."""
    store, key = _of(url)
    base = url.rstrip("/")
    with _telling(url):
        for page in _obstore().list(store, prefix=key or None, chunk_size=_PAGE):
            for one in page:
                inside = one["path"][len(key) :].lstrip("/")
                yield f"{base}/{inside}", inside, _stamp(one)


def stamp(url: str) -> str:
    """Size and ETag of an object, or nothing where there is none: while they stay, so does its content."""
    store, key = _of(url)
    try:
        with _telling(url):
            return _stamp(_obstore().head(store, key))
    except CodecError:
        return ""


def stamps_of(urls: Iterable[str]) -> dict[str, str]:
    """The stamps of several, asked for together."""
    wanted = list(urls)
    if not wanted:
        return {}
    with ThreadPoolExecutor(min(_AT_ONCE, len(wanted))) as pool:
        return dict(zip(wanted, pool.map(stamp, wanted), strict=True))


def size_in(told: str) -> int:
    """The bytes that a stamp, of an object or a file, says.

    >>> size_in("120:abc"), size_in("")
    (120, 0)
    """
    return int(told.partition(":")[0] or 0)


def read(url: str) -> tuple[bytes, str]:
    """The whole content of an object, and its stamp. Raises CodecError where there is none."""
    store, key = _of(url)
    with _telling(url):
        found = _obstore().get(store, key)
        return bytes(found.bytes()), _stamp(found.meta)


@contextmanager
def downloaded(url: str) -> Iterator[BinaryIO]:
    """The content of an object in a temporary file. Raises CodecError where there is none."""
    store, key = _of(url)
    with TemporaryFile() as file:
        with _telling(url):
            for part in _obstore().get(store, key).stream():
                file.write(part)
        file.seek(0)
        yield file


def beside(url: str, name: str) -> str:
    """The URL of an object by its path from the folder of another one. Raises PixelError outside the bucket.

    >>> beside("s3://shop/lists/a.csv", "../photos/./1.jpg")
    's3://shop/photos/1.jpg'
    """
    kind, _, path = url.partition("://")
    bucket, _, key = path.partition("/")
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(key), name))
    if inside.split("/")[0] == "..":
        raise PixelError(f"need a path inside {kind}://{bucket}, got {name!r}")
    return f"{kind}://{bucket}/{inside}"


def write(url: str, content: bytes) -> str:
    """Put an object, whole or not at all; its stamp."""
    store, key = _of(url)
    with _telling(url):
        return _stamp({**_obstore().put(store, key, content), "size": len(content)})


def remove(url: str) -> None:
    """Delete an object, if it is there."""
    store, key = _of(url)
    with _telling(url):
        _obstore().delete(store, key)


def _stamp(told: Any) -> str:
    # a listing of Azure's names the ETag without the quotes that it has elsewhere
    tag = (told["e_tag"] or "").strip('"')
    return f"{told['size']}:{tag}"


def _obstore() -> Any:
    try:
        return import_module("obstore")
    except ImportError:
        raise MissingExtraError("staging", "obstore") from None


def _of(url: str) -> tuple[Any, str]:
    """The store, and the key in it."""
    kind, _, path = url.partition("://")
    bucket, _, key = path.partition("/")
    if not bucket or "?" in url or "@" in bucket:
        raise PixelError(f"need {kind}://BUCKET/PATH without a query, got {url.partition('?')[0]!r}")
    return _store(kind, bucket), key.strip("/")


@lru_cache(64)
def _store(kind: str, bucket: str) -> Any:
    from maskkit.adobe.store_keys import from_connection_string, needed

    _obstore()
    stores = import_module("obstore.store")
    plain = any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS[kind])
    try:
        return getattr(stores, _KINDS[kind])(
            bucket,
            client_options={"allow_http": True} if plain else None,
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
            **(from_connection_string() if kind == "az" else {}),
        )
    except Exception as error:  # its text may carry the configuration
        raise RefusedError(
            f"{kind}://{bucket}: cannot be set up ({type(error).__name__}); set {needed(kind)}"
        ) from None


_ENDPOINTS = {
    "s3": ("AWS_ENDPOINT", "AWS_ENDPOINT_URL"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_ENDPOINT", "AZURE_STORAGE_ENDPOINT"),
}


@contextmanager
def _telling(url: str) -> Iterator[None]:
    """What a store raises as one line; its own text may carry what was signed."""
    errors = import_module("obstore.exceptions") if _obstore() else None
    try:
        yield
    except (errors.NotFoundError, FileNotFoundError):  # type: ignore[union-attr]
        raise CodecError(f"{url}: there is no such object") from None
    except errors.BaseError as error:  # type: ignore[union-attr]
        raise _refused(url, error) from None


def _refused(url: str, error: Exception) -> AuthError | TransportError:
    from maskkit.adobe.store_keys import needed

    name, said = type(error).__name__, str(error).lower()
    if name in ("PermissionDeniedError", "UnauthenticatedError") or any(word in said for word in _REFUSALS):
        kind, _, path = url.partition("://")
        where = f"{kind}://{path.partition('/')[0]}"
        return RefusedError(
            f"{where}: the store refuses the credentials, or they have expired; set {needed(kind)}"
        )
    return TransportError(f"{url}: the store does not answer as it should ({name})")
