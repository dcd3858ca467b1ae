"""What is spoken to, and how: all that a conversation knows before it begins."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Literal, TypedDict, Unpack

from maskkit.adobe.hosts import ADOBE_API, is_adobe, is_loopback
from maskkit.adobe.job import Api
from maskkit.adobe.logs import say
from maskkit.adobe.pace import Deadline, Pace, RateLimit
from maskkit.adobe.staging import ObjectStaging, Staging
from maskkit.adobe.tokens import IMS_PATH, IMS_URL, ClientCredentials, Provider, Tokens, check_header
from maskkit.errors import AuthError, ContractError
from maskkit.keywords import check_known
from maskkit.redact import Redacted
from maskkit.wire.members import base_url as check_base_url

__all__ = ["Options", "Service", "service_of"]

# Of `Options`, with the defaults of `Service`.
_NUMBERS = ("deadline", "timeout", "transfer", "tries", "max_bytes")
_limits: dict[str, RateLimit] = {}
_limits_lock = threading.Lock()


@dataclass(frozen=True, repr=False)
class Service(Redacted):
    """The service, the caller's standing with it, and the caller's patience. Times are in seconds.

    ``deadline`` is of a job as a whole: token, upload, order, waiting and download. ``timeout`` is of each
    read and write of a request, ``transfer`` of an upload or a download as a whole (10 times ``timeout``
    unless given), ``tries`` how often one is sent at most, ``max_bytes`` of a result.
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
    transfer: float | None = None
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
    def is_choosy(self) -> bool:
        """Adobe's own v2, which reads photos from a few hosts only."""
        return is_adobe(self.base_url) and self.contracts[0] == "v2"

    @property
    def contracts(self) -> tuple[Api, ...]:
        """The contracts to try, in order: the one that was set or found out, else both."""
        if self.api != "auto":
            return (self.api,)
        if self.spoken:
            return (self.spoken[-1],)
        return ("v2", "v1") if is_adobe(self.base_url) else ("v1", "v2")


class Options(TypedDict, total=False):
    """What a client can be told; `maskkit.MaskClient` says what each is. None is as good as nothing."""

    base_url: str | None
    api: str | None
    client_id: str | None
    client_secret: str | None
    token: str | Provider | None
    org_id: str | None
    ims_url: str | None
    staging: str | Staging | None
    limit: RateLimit | Literal["default"] | None
    pace: Pace | None
    deadline: float | None
    timeout: float | None
    transfer: float | None
    tries: int | None
    max_bytes: int | None


def service_of(**how: Unpack[Options]) -> Service:
    """The service that the arguments of a client describe. An unknown one is a PixelError that names it."""
    check_known(how, Options.__annotations__, "a client")
    base = _base(how.get("base_url") or ADOBE_API)
    for name in ("client_id", "org_id", "token"):
        if isinstance(value := how.get(name), str):
            check_header(name, value)
    organisation, staging = how.get("org_id") or how.get("client_id"), how.get("staging")
    limit = how.get("limit", "default")
    service = Service(
        base_url=base,
        api=_contract(base, how.get("api")),
        api_key=how.get("client_id"),
        org_id=how.get("org_id"),
        tokens=Tokens(_source(base, how)),
        staging=ObjectStaging(staging) if isinstance(staging, str) else staging,
        limit=_limit(base, organisation) if limit == "default" else limit,
        pace=how.get("pace") or Pace(),
        **{name: how[name] for name in _NUMBERS if how.get(name) is not None},  # type: ignore[literal-required]
    )
    service.within(None)
    return service


def _source(base: str, how: Options) -> str | Provider | ClientCredentials | None:
    token, name, secret = how.get("token"), how.get("client_id"), how.get("client_secret")
    if token is None and name and secret:
        own = IMS_URL if is_adobe(base) else base + IMS_PATH  # a server's secret is for that server alone
        return ClientCredentials(name, secret, how.get("ims_url") or own)
    if token is None and is_adobe(base):
        raise AuthError(
            "token: Adobe needs a token, or client_id and client_secret; "
            "set MASKKIT_CLIENT_ID and MASKKIT_CLIENT_SECRET, or MASKKIT_ACCESS_TOKEN"
        )
    return token


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
