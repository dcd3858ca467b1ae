"""The logger ``maskkit.adobe``: events and their facts, without secrets; other loggers kept as discreet."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from maskkit.redact import redact

__all__ = ["logger", "ours", "say"]

logger = logging.getLogger("maskkit.adobe")
# httpx writes every URL in full at INFO; httpcore and hpack write headers at DEBUG.
_HTTPCORE = (f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks"))
_TALKATIVE = ("httpx", "hpack.hpack", "hpack.table", *_HTTPCORE)
_ours: ContextVar[bool] = ContextVar("maskkit_request", default=False)


def say(event: str, /, *, level: int = logging.INFO, **facts: Any) -> None:
    """Log ``event fact=value ...``; the record has them apart too, as ``.event`` and ``.facts``."""
    known = {name: redact(value) for name, value in facts.items() if value is not None}
    text = " ".join([event, *(f"{name}={value}" for name, value in known.items())])
    logger.log(level, "%s", text, extra={"event": event, "facts": known})


@contextmanager
def ours() -> Iterator[None]:
    """While this runs, whatever the HTTP libraries log is about our requests, and is redacted."""
    before = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(before)


def _redacting(record: logging.LogRecord) -> bool:
    if _ours.get():
        record.msg, record.args = redact(record.getMessage()), ()
    return True


for _name in _TALKATIVE:
    logging.getLogger(_name).addFilter(_redacting)
