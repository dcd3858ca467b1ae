"""Access tokens: the one at hand, how long it holds, and where the next one comes from."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from maskkit.errors import AuthError

__all__ = ["IMS_PATH", "IMS_URL", "ClientCredentials", "Given", "Provider", "Tokens", "check_header"]

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

    @property
    def source(self) -> str | Provider | ClientCredentials | None:
        """Where the next one comes from."""
        return self._source

    def keep(self, token: str, lasts: float, now: float) -> str:
        """The token from now on, until a minute (at most a tenth of its life) before it expires."""
        check_header("token", token)
        if self._token:
            self._former.append(self._token)
        self._token, self._expires = token, now + lasts - min(60.0, lasts / 10)
        return token


def check_header(name: str, value: str) -> None:
    """Raises AuthError, without the value, if a header cannot carry it."""
    if not (value.isascii() and value.isprintable() and value.strip() == value):
        raise AuthError(f"{name}: has spaces, line ends or characters that a header cannot carry")
