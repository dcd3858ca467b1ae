"""Who may see credentials: the origin of the API and nobody else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = [
    "ADOBE_API",
    "READ_BY_ADOBE",
    "is_adobe",
    "is_loopback",
    "is_read_by_adobe",
    "origin",
    "same_origin",
    "shares_credentials",
    "shown",
]

ADOBE_API = "https://image.adobe.io"
_ADOBE_DOMAINS = ("adobe.io", "adobe.com")
# Where Adobe documents its imaging APIs, and the hosts that its receipts name for the status of a job.
_ADOBE_APIS = re.compile(r"(image|photoshop-api|firefly-api|firefly-epo\d{1,12})\.adobe\.io")
READ_BY_ADOBE = (  # what v2 of Adobe's own service reads photos from; a host below one of these counts too
    "amazonaws.com",
    "windows.net",
    "dropboxusercontent.com",
    "assets.frame.io",
    "storage.googleapis.com",
)
_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of a URL; ``("", "", None)`` for what is none.

    >>> origin("HTTPS://Image.Adobe.io/v2?x")
    ('https', 'image.adobe.io', 443)
    """
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


def same_origin(url: str, other: str) -> bool:
    """Both URLs are of one scheme, host and port, and name no user, whose password would go along.

    >>> same_origin("https://a/b", "https://a:443/"), same_origin("https://me:word@a/b", "https://a/")
    (True, False)
    """
    return origin(url) == origin(other) != ("", "", None) and not _names_user(url)


def shares_credentials(url: str, base: str) -> bool:
    """Whether ``url`` may see the credentials for the API at ``base``.

    It may at its origin, and of Adobe's API also at the other hosts that Adobe documents.

    >>> shares_credentials("https://firefly-epo1.adobe.io/v2/status/1", ADOBE_API)
    True
    >>> shares_credentials("https://firefly-epo1.adobe.io/v2/status/1", "https://masks.example")
    False
    """
    return same_origin(url, base) or (_is_adobe_api(url) and _is_adobe_api(base))


def _is_adobe_api(url: str) -> bool:
    scheme, host, port = origin(url)
    known = scheme == "https" and port == _PORTS["https"] and _ADOBE_APIS.fullmatch(host) is not None
    return known and not _names_user(url)


def _names_user(url: str) -> bool:
    return "@" in urlsplit(url).netloc or "\\" in url  # a backslash, where some parsers see the host's end


def is_adobe(url: str) -> bool:
    """An https URL on one of Adobe's own domains.

    >>> is_adobe("https://firefly.adobe.io/v2/status/1"), is_adobe("https://adobe.io.evil.example/")
    (True, False)
    """
    scheme, host, _ = origin(url)
    return (
        scheme == "https"
        and not _names_user(url)
        and any(host == name or host.endswith(f".{name}") for name in _ADOBE_DOMAINS)
    )


def is_read_by_adobe(url: str) -> bool:
    """A URL on a host that Adobe's v2 admits as a photo's.

    >>> is_read_by_adobe("https://b.s3.amazonaws.com/k"), is_read_by_adobe("https://shop.example/k.jpg")
    (True, False)
    """
    return any(f".{origin(url)[1]}".endswith(f".{name}") for name in READ_BY_ADOBE)


def is_loopback(url: str) -> bool:
    """A URL of this very machine."""
    return origin(url)[1] in ("localhost", "127.0.0.1", "::1")


def shown(url: str) -> str:
    """Scheme and host, which is what an error may say of a URL.

    >>> shown("https://bucket.example/secret/key?sig=1")
    'https://bucket.example'
    """
    scheme, host, port = origin(url)
    return f"{scheme}://{host}" + (f":{port}" if port and port != _PORTS.get(scheme) else "")
