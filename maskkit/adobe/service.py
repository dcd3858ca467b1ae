"""What is spoken to, and how: all that a conversation knows before it begins."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Any, Literal

from maskkit.adobe.hosts import ADOBE_API, is_adobe, is_loopback
from maskkit.adobe.job import Api
from maskkit.adobe.logs import say
from maskkit.adobe.pace import Deadline, Pace, RateLimit
from maskkit.adobe.staging import ObjectStaging, Staging
from maskkit.adobe.tokens import IMS_PATH, IMS_URL, ClientCredentials, Provider, Tokens, check_header
from maskkit.errors import AuthError, ContractError
from maskkit.redact import Redacted
from maskkit.wire.members import base_url as check_base_url

__all__ = ["Service", "service_of"]

_limits: dict[str, RateLimit] = {}
_limits_lock = threading.Lock()


@dataclass(frozen=True, repr=False)
class Service(Redacted):
    """The service, the caller's standing with it, and the caller's patience. Times are in seconds.

    ``deadline`` is of a job as a whole: token, upload, order, waiting and download. ``timeout`` is of each
    read and write of a request, ``tries`` how often one is sent at most, ``max_bytes`` of a result.
    """

    base_url: str = ADOBE_API
    api: Api | Literal["auto"] = "v2"
    api_key: str | None = field(default=None, repr=False)
    org_id: str | None = field(default=None, repr=False)
    tokens: Tokens = field(default_factory=Tokens, repr=False)
    staging: Staging | None = None
    limit: RateLimit | None = field(default=None, repr=False)
    pace: Pace = field(default_factory=Pace, repr=False)
    deadline: float = 90.0
    timeout: float = 30.0
    tries: int = 4
    max_bytes: int = 256 << 20
    spoken: list[Api] = field(default_factory=list, repr=False)

    def within(self, deadline: float | None) -> float:
        """The seconds for a job: those given, else the service's own. Raises ContractError for others."""
        seconds = self.deadline if deadline is None else deadline
        if not (isinstance(seconds, int | float) and 0 < seconds < float("inf")):
            raise ContractError(f"deadline: need a finite number of seconds above 0, got {seconds!r}")
        return seconds

    def ends(self, deadline: float | None = None) -> Deadline:
        """The `Deadline` of something that begins now."""
        return Deadline(self.pace, self.within(deadline))

    @property
    def contracts(self) -> tuple[Api, ...]:
        """The contracts to try, in order: the one that was set or found out, else both."""
        if self.api != "auto":
            return (self.api,)
        if self.spoken:
            return (self.spoken[-1],)
        return ("v2", "v1") if is_adobe(self.base_url) else ("v1", "v2")


def service_of(
    *,
    base_url: str | None = None,
    api: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    token: str | Provider | None = None,
    org_id: str | None = None,
    ims_url: str | None = None,
    staging: str | Staging | None = None,
    limit: RateLimit | Literal["default"] | None = "default",
    pace: Pace | None = None,
    **patience: Any,
) -> Service:
    """The service that the arguments of a client describe; ``patience`` are the numbers of `Service`."""
    base = _base(base_url or ADOBE_API)
    source: str | Provider | ClientCredentials | None = token
    if token is None and client_id and client_secret:
        own = IMS_URL if is_adobe(base) else base + IMS_PATH  # a server's secret is for that server alone
        source = ClientCredentials(client_id, client_secret, ims_url or own)
    if source is None and is_adobe(base):
        raise AuthError(
            "token: Adobe needs a token, or client_id and client_secret; "
            "set MASKKIT_CLIENT_ID and MASKKIT_CLIENT_SECRET, or MASKKIT_ACCESS_TOKEN"
        )
    given = {"client_id": client_id, "org_id": org_id, "token": token}
    for name, value in given.items():
        if isinstance(value, str):
            check_header(name, value)
    service = Service(
        base_url=base,
        api=_contract(base, api),
        api_key=client_id,
        org_id=org_id,
        tokens=Tokens(source),
        staging=ObjectStaging(staging) if isinstance(staging, str) else staging,
        limit=_limit(base, org_id or client_id) if limit == "default" else limit,
        pace=pace or Pace(),
        **{name: value for name, value in patience.items() if value is not None},
    )
    service.within(None)
    return service


def _base(url: str) -> str:
    base = check_base_url(url, "base_url")
    if base.lower().startswith("http:") and not is_loopback(base):
        say(
            "unencrypted", level=logging.WARNING, base_url=url, advice="use https: tokens travel in the clear"
        )
    return base


def _contract(base_url: str, api: str | None) -> Api | Literal["auto"]:
    if api is None:
        return "v2" if is_adobe(base_url) else "v1"
    if api not in ("v1", "v2", "auto"):
        raise ContractError(f"api: need v1, v2 or auto, got {api!r}")
    return api  # type: ignore[return-value]


def _limit(base_url: str, organisation: str | None) -> RateLimit | None:
    """Adobe allows 3 orders in 3 s; 2 leave one to others. One limit for all clients of an organisation."""
    if not is_adobe(base_url):
        return None
    with _limits_lock:
        return _limits.setdefault(organisation or "", RateLimit(2, 3.0))
