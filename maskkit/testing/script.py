"""What the scripted server goes by and what it has seen: its script, requests, tokens and jobs."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from maskkit.testing.faults import Fault
from maskkit.testing.pictures import sample_photo
from maskkit.testing.store import Store
from maskkit.wire import Failure, v1, v2

__all__ = ["Received", "Script", "Task"]


@dataclass(frozen=True)
class Received:
    """A request as it came in; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        """The query of the target."""
        return urlsplit(self.target).query


@dataclass
class Task:
    """A job of the scripted service: its order, and how often it was asked for."""

    id: str
    api: str
    kind: str
    order: v1.Request | v2.Request
    created: datetime
    asked: int = 0
    result: bytes | None = None


@dataclass(kw_only=True, eq=False)
class Script:
    """How the service behaves, as `ScriptedServer` explains, and its memory."""

    statuses: Sequence[str] = ("pending", "running", "succeeded")
    failures: Sequence[Failure] = ()
    result: Callable[[bytes, str, str], bytes] | None = None
    contracts: Sequence[str] = ("v1", "v2")
    token_lasts: float = 86400
    status_extra: Mapping[str, Any] = field(default_factory=dict)
    status_base: str | None = None
    result_base: str | None = None

    client_id: str = field(default="scripted-client", init=False)
    client_secret: str = field(
        default_factory=lambda: f"secret-{secrets.token_hex(8)}", init=False, repr=False
    )
    url: str = field(default="", init=False)
    tokens: set[str] = field(default_factory=set, init=False, repr=False)
    tasks: dict[str, Task] = field(default_factory=dict, init=False, repr=False)
    received: list[Received] = field(default_factory=list, init=False, repr=False)
    store: Store = field(default_factory=Store, init=False, repr=False)
    photo: bytes = field(default_factory=sample_photo, init=False, repr=False)
    faults: list[Fault] = field(default_factory=list, init=False, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    stopping: threading.Event = field(default_factory=threading.Event, init=False, repr=False)

    def fail(self, route: str, status: int = 500, **what: Any) -> Fault:
        """Script a `Fault`, by default with the documented body: ``fail("GET /v2/status", 503, times=2)``."""
        fault = Fault(route, status, **what)
        with self.lock:
            self.faults.append(fault)
        return fault

    def issue_token(self) -> str:
        """A new access token, which the service accepts until `expire_tokens`."""
        token = _secret("token")
        self.tokens.add(token)
        return token

    def expire_tokens(self) -> None:
        """No token that was given is accepted any more."""
        self.tokens.clear()


def _secret(name: str) -> str:
    return f"{name}-{secrets.token_hex(12)}"
