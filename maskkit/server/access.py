"""Who asks: the credentials of a request, and what holds where there are none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from maskkit.server.credentials import ANYBODY, Credentials, CredentialsFile
from maskkit.server.refusals import Refused

__all__ = ["Access"]

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d+)?", re.ASCII)


@dataclass(frozen=True)
class Access:
    """Who may use the server.

    Parameters
    ----------
    clients : CredentialsFile or None
        The known clients. None opens the server to every program of this machine, and to no web page that a
        browser of this machine shows.
    public_url : str
        What clients see behind a proxy; its name is admitted beside the loopback names.
    cors_origins : tuple of str
        The web pages that may call.
    """

    clients: CredentialsFile | None
    public_url: str = ""
    cors_origins: tuple[str, ...] = ()

    @property
    def credentials(self) -> Credentials | None:
        """The clients that are known at this moment; None where the server is open."""
        return None if self.clients is None else self.clients.now()

    def client_of(self, request: Request) -> str:
        """Who sent the request. Raises Refused (401, 403)."""
        known = self.credentials
        if known is None:
            self._check_local(request)
            return _peer(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token, client = token.strip(), request.headers.get("x-api-key", "")
        bearer = scheme.lower() == "bearer"
        if bearer and known.check_token(client, token):
            return client
        if bearer and known.knows_token(token):
            raise Refused(403, None, "Api Key is invalid", code="403003")
        challenge = {"www-authenticate": "Bearer"}
        raise Refused(401, None, "Oauth token is not valid", code="401013", headers=challenge)

    def client_of_key(self, request: Request) -> str:
        """Who sent the request, by the secret alone, in X-Api-Key or as bearer token. Raises Refused (403).

        remove.bg's contract knows no client ids, and admits the pages of every site.
        """
        known = self.credentials
        if known is None:
            self._check_host(request)
            return _peer(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        secret = request.headers.get("x-api-key", "").strip() or (
            token.strip() if scheme.lower() == "bearer" else ""
        )
        client = known.client_of(secret) if secret else None
        if client is None:
            raise Refused(403, "auth_failed", "API Key invalid" if secret else "Missing API Key")
        return client

    def client_of_either(self, request: Request) -> str:
        """Who sent the request, by the secret alone or by id and token. Raises Refused (401, 403)."""
        known, key = self.credentials, request.headers.get("x-api-key", "").strip()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        alone = key or (token.strip() if scheme.lower() == "bearer" else "")
        client = known.client_of(alone) if known is not None and alone else None
        return client or self.client_of(request)

    def _check_local(self, request: Request) -> None:
        self._check_host(request)
        self._check_origin(request)

    def _check_host(self, request: Request) -> None:
        public = urlsplit(self.public_url).hostname
        host = _AUTHORITY.fullmatch(request.headers.get("host", "localhost"))  # HTTP/1.0 may say none
        if host is None or host[1].strip("[]").lower() not in (*_LOOPBACK_NAMES, public):
            raise Refused(403, "Forbidden", "without credentials the server answers to loopback names only")
        if not public and _is_remote(request.scope["server"][0]):  # whoever listens elsewhere has said so
            raise Refused(403, "Forbidden", "without credentials the server answers on loopback only")

    def _check_origin(self, request: Request) -> None:
        """A page of another site, or of another port of this machine, is admitted only where it is named.

        Every browser says the page's origin with a POST and a PUT; not every one says Sec-Fetch-Site.
        """
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if origin in self.cors_origins or origin in self._own_origins(request):
            return
        if origin is not None or site in ("cross-site", "same-site"):
            raise Refused(
                403, "Forbidden", "requests of other sites' pages are not admitted; see --cors-origin"
            )

    def _own_origins(self, request: Request) -> tuple[str, ...]:
        host = request.headers.get("host", "").lower()
        public = urlsplit(self.public_url)
        return f"http://{host}", f"https://{host}", f"{public.scheme}://{public.netloc}".lower()


def _peer(request: Request) -> str:
    """Who uses an open server, by the address: each has a share of its own of what there is a limit of."""
    return _peer_at(request.client.host[:64]) if request.client else ANYBODY


@lru_cache(1024)  # asked at every poll; no address is longer than what is kept of it
def _peer_at(address: str) -> str:
    try:
        return f"{ANYBODY}/{ip_address(address)}"
    except ValueError:  # what a proxy said is no address
        return ANYBODY


@lru_cache(64)
def _is_remote(address: str) -> bool:
    try:
        return not ip_address(address).is_loopback
    except ValueError:  # a socket of the file system
        return False
