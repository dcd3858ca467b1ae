"""What a conversation asks of the outside world: a generator yields these and is sent the outcome.

A connection that fails is an outcome (`Lost`), so no exception of the HTTP library, with its URLs, is ever
chained to one of ours. What is thrown into a conversation is cancellation, and what a token provider or a
staging area of the caller's own raises.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from maskkit.adobe.pace import Deadline
from maskkit.redact import Redacted, secrets_of, without

__all__ = ["Call", "Effect", "Lost", "Reply", "Sign", "Sleep", "Talk", "Tidy", "Token", "Work"]

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Call(Redacted):
    """Send a request; the outcome is a `Reply` or `Lost`.

    ``cap`` is in bytes, times are in seconds: ``timeout`` of each read and write, ``total`` of the whole;
    a ``bulky`` one (a picture) is given more of it.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    cap: int = 1 << 20
    timeout: float = 30.0
    total: float = 60.0
    bulky: bool = False
    secrets: frozenset[str] = field(default=frozenset(), repr=False)  # what the answer may not be quoted with


@dataclass(frozen=True)
class Reply:
    """The answer to a `Call`, whatever its status; the names of ``headers`` are in lower case."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    def json(self) -> Any:
        """The body as JSON; a body that is none as text, since proxies answer in HTML."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return self.content[:500].decode("utf-8", "replace")

    def quotable(self) -> Any:
        """The body as `json` reads it, without the secrets that it echoes."""
        text = self.content.decode("utf-8", "replace")
        return replace(self, content=without(text, self.own_secrets()).encode()).json()

    def own_secrets(self) -> frozenset[str]:
        """Ours, and those of the URLs in the body: what a service quotes of an order that is not at hand."""
        text = self.content.decode("utf-8", "replace")
        return self.secrets | secrets_of(text.replace("\\/", "/"))


@dataclass(frozen=True)
class Lost:
    """No answer. ``sent``: the request may have reached the server. ``final``: no use in trying again."""

    reason: str
    sent: bool
    final: bool = False


@dataclass(frozen=True)
class Sleep:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Sign:
    """Have the staging area sign ``method`` on ``key``; the outcome is a URL."""

    method: str
    key: str
    expires_in: float


@dataclass(frozen=True)
class Token:
    """Get an access token other than ``stale``; the outcome is the token, or None where none is used."""

    stale: str | None = field(default=None, repr=False)
    deadline: Deadline | None = None


@dataclass(frozen=True)
class Work:
    """Call a function that takes a while, or a coroutine function; the outcome is its result."""

    function: Callable[[], Any]


@dataclass(frozen=True)
class Tidy:
    """Hold a conversation (which can be begun anew) to its end, whoever cancels or interrupts meanwhile."""

    talk: Callable[[], Talk[None]]


Effect = Call | Sleep | Sign | Token | Work | Tidy
Talk = Generator[Effect, Any, T]
