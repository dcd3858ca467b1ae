"""Proxies that the environment names and httpx cannot use, in words; standard library only."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping

__all__ = ["proxy_fault"]

_NAMES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_HTTP, _SOCKS = ("http", "https"), ("socks5", "socks5h")


def proxy_fault(environ: Mapping[str, str] | None = None) -> str | None:
    """What is wrong with the first variable whose proxy cannot be used, or None; no value is quoted.

    >>> proxy_fault({"ALL_PROXY": "socks4://127.0.0.1:9050"})
    'ALL_PROXY: a socks4 proxy cannot be used; need http, https, socks5 or socks5h'
    >>> proxy_fault({"HTTPS_PROXY": "http://127.0.0.1:3128"})
    """
    environ = os.environ if environ is None else environ
    for name in (spelt for upper in _NAMES for spelt in (upper, upper.lower())):
        scheme, separator, _ = environ.get(name, "").partition("://")
        scheme = scheme.strip().lower() if separator else "http"  # as httpx reads a bare host
        if scheme in _SOCKS and not _has_socks():
            return f"{name}: a SOCKS proxy needs socksio; run: pip install 'maskkit[socks]'"
        if scheme not in (*_HTTP, *_SOCKS):
            needed = "need http, https, socks5 or socks5h"
            return f"{name}: a {scheme:.20} proxy cannot be used; {needed}"
    return None


def _has_socks() -> bool:
    if "socksio" in sys.modules:
        return sys.modules["socksio"] is not None
    return importlib.util.find_spec("socksio") is not None
