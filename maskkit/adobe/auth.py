"""Access tokens: one given, one asked of a callable, or one of Adobe's IMS for client credentials."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from maskkit.adobe.answers import refusal
from maskkit.adobe.effects import Call, Talk, Work
from maskkit.adobe.exchange import exchange, idempotent
from maskkit.adobe.pace import Deadline
from maskkit.errors import AuthError, ContractError, MaskkitError

if TYPE_CHECKING:
    from maskkit.adobe.service import Service

__all__ = ["IMS_PATH", "IMS_URL", "ClientCredentials", "Provider", "Tokens", "check_header"]

IMS_PATH = "/ims/token/v3"
IMS_URL = f"https://ims-na1.adobelogin.com{IMS_PATH}"
SCOPE = "openid,AdobeID,read_organizations"

Given = str | tuple[str, float]  # a token, or a token and the seconds it lasts
Provider = Callable[[], Given | Awaitable[Given]]


@dataclass(frozen=True)
class ClientCredentials:
    """What IMS gives a token for (OAuth 2.0 client credentials, RFC 6749 section 4.4)."""

    client_id: str
    client_secret: str = field(repr=False)
    url: str = IMS_URL
    scope: str = SCOPE


class Tokens:
    """A token and where the next one comes from; a driver holds a lock while it renews.

    ``source`` is a token, a callable (its token is kept until it is refused, or for the seconds it says),
    `ClientCredentials`, or None for a service that asks for none.
    """

    def __init__(self, source: str | Provider | ClientCredentials | None = None) -> None:
        self._source = source
        self._token = source if isinstance(source, str) else None
        self._former: deque[str] = deque(maxlen=8)  # a service may still quote one that it has refused
        self._expires = float("inf")

    def __repr__(self) -> str:
        return f"Tokens({type(self._source).__name__})"

    @property
    def secrets(self) -> set[str]:
        """What a service must not be quoted with."""
        known = {self._source.client_secret} if isinstance(self._source, ClientCredentials) else set[str]()
        return known | set(self._former) | ({self._token} if self._token else set())

    @property
    def renewable(self) -> bool:
        """Another token can be had when this one is refused."""
        return self._source is not None and not isinstance(self._source, str)

    def cached(self, now: float, stale: str | None = None) -> str | None:
        """The token at hand if it is neither ``stale`` nor about to expire."""
        good = self._token is not None and self._token != stale and now < self._expires
        return self._token if good or not self.renewable else None

    def renew(self, service: Service, deadline: Deadline | None = None) -> Talk[str]:
        """A new token, kept until a minute (at most a tenth of its life) before it expires."""
        if isinstance(self._source, ClientCredentials):
            given = yield from _ask_ims(self._source, service, deadline)
        else:
            given = yield from _ask(self._source)  # type: ignore[arg-type]
        token, lasts = given if isinstance(given, tuple) else (given, float("inf"))
        if not isinstance(token, str) or not token:
            raise AuthError(f"token: the provider gave {type(token).__name__}, a string is needed")
        check_header("token", token)
        if self._token:
            self._former.append(self._token)
        self._token, self._expires = token, service.pace.clock() + lasts - min(60.0, lasts / 10)
        return token


def check_header(name: str, value: str) -> None:
    """Raises AuthError, without the value, if a header cannot carry it."""
    if not (value.isascii() and value.isprintable() and value.strip() == value):
        raise AuthError(f"{name}: has spaces, line ends or characters that a header cannot carry")


def _ask(provider: Provider) -> Talk[Given]:
    try:
        return (yield Work(provider))  # type: ignore[no-any-return]
    except MaskkitError:
        raise
    except Exception as error:  # the caller's own, who will want to see it
        raise AuthError(f"token: the provider failed ({type(error).__name__})") from error


def _ask_ims(credentials: ClientCredentials, service: Service, deadline: Deadline | None) -> Talk[Given]:
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "scope": credentials.scope,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    call = Call("POST", credentials.url, headers, urlencode(form).encode())
    reply = yield from exchange(service, call, again=idempotent, deadline=deadline)
    if reply.status_code in (400, 401, 403):  # IMS answers 400 invalid_client to a wrong secret
        raise AuthError(f"client_id, client_secret: {refusal(reply, 'IMS')}", status_code=reply.status_code)
    if reply.status_code != 200:
        raise refusal(reply, "IMS")
    body = reply.json()
    try:
        return str(body["access_token"]), float(body["expires_in"])
    except (KeyError, TypeError, ValueError):
        raise ContractError("IMS: the answer has no access_token and expires_in", status_code=200) from None
