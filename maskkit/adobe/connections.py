"""Connections of a client's own: certificates are read once, a proxy that cannot be used is told in words."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import httpx

from maskkit.errors import FetchError
from maskkit.proxies import proxy_fault

__all__ = ["connection", "tls"]

C = TypeVar("C", httpx.Client, httpx.AsyncClient)


@cache
def tls() -> ssl.SSLContext:
    """The TLS settings of httpx, made once: reading the certificates takes 50 ms a client."""
    return httpx.create_ssl_context()


def connection(kind: Callable[..., C]) -> C:
    """A new client of httpx. Raises FetchError that names the variable whose proxy cannot be used."""
    try:
        return kind(verify=tls())
    except (ImportError, ValueError, httpx.InvalidURL):  # its text would quote a proxy's password
        pass
    named = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY: one of them is no proxy's URL"
    raise FetchError(proxy_fault() or named)
