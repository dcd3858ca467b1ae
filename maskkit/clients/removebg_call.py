"""One order at a service that speaks remove.bg's contract: where, with which key, sent once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from maskkit.adobe.bounded import bounded, trace
from maskkit.adobe.connections import connection
from maskkit.adobe.logs import ours
from maskkit.adobe.pace import Deadline, Pace, backoff, retry_after
from maskkit.errors import (
    AuthError,
    ContractError,
    FetchError,
    JobFailedError,
    MaybeSubmittedError,
    QuotaError,
    RateLimitError,
    TransportError,
)
from maskkit.redact import redact, without
from maskkit.wire.members import base_url as check_base_url
from maskkit.wire.members import is_loopback

__all__ = ["Account", "account_of", "order"]

_PATH = "/v1.0/removebg"
_CAP = 300_000_000  # bytes of an answer
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True)
class Account:
    """Where the orders go, and with which key."""

    url: str
    key: str = field(repr=False, default="")

    @property
    def host(self) -> str:
        """The service's name, for messages."""
        return urlsplit(self.url).netloc


def account_of(
    base_url: str | None, token: str | None = None, environ: Mapping[str, str] | None = None
) -> Account:
    """The account that the arguments, or else the environment, describe.

    Parameters
    ----------
    base_url : what ``/v1.0/removebg`` follows, with or without it; else ``MASKKIT_REMOVEBG_URL``.
    token : the key; else ``MASKKIT_REMOVEBG_KEY``, or the file that ``MASKKIT_REMOVEBG_KEY_FILE`` names.

    Raises
    ------
    ContractError
        There is no address, or it is none, or it would send the key in the clear.
    AuthError
        There is no key; only a server on this machine may want none.

    Examples
    --------
    >>> account_of("https://masks.example/v1.0", "secret-key", {})
    Account(url='https://masks.example/v1.0/removebg')
    """
    environ = os.environ if environ is None else environ
    given = base_url or environ.get("MASKKIT_REMOVEBG_URL", "")
    if not given:
        raise ContractError("base_url: need the service's address; give it, or set MASKKIT_REMOVEBG_URL")
    base = check_base_url(given, "base_url")
    for end in ("/removebg", "/v1.0"):
        base = base.removesuffix(end)
    if base.lower().startswith("http:") and not is_loopback(base):
        raise ContractError("base_url: need https://, the key would travel in the clear")
    key = (
        token or environ.get("MASKKIT_REMOVEBG_KEY", "") or _key_in(environ.get("MASKKIT_REMOVEBG_KEY_FILE"))
    )
    if not key and not is_loopback(base):
        raise AuthError(
            "token: need a key; set MASKKIT_REMOVEBG_KEY, or MASKKIT_REMOVEBG_KEY_FILE to its file"
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise AuthError("token: need printable ASCII without spaces; see MASKKIT_REMOVEBG_KEY")
    return Account(base + _PATH, key)


def _key_in(path: str | None) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AuthError(
            f"MASKKIT_REMOVEBG_KEY_FILE: {path}: cannot be read ({type(error).__name__})"
        ) from None


def order(
    account: Account,
    photo: tuple[str, bytes],
    fields: Mapping[str, str],
    *,
    timeout: float,
    deadline: Deadline,
    pace: Pace,
    http: httpx.Client | None = None,
) -> bytes:
    """The picture that the service makes of the photo (its file's name, its bytes).

    It is sent once; again only where it certainly began no work: no connection came about, or the service
    turned it away with 429 or 503. Raises MaybeSubmittedError where nobody knows whether it is paid for.
    """
    client = http or connection(httpx.Client)
    try:
        for wait in backoff(pace):
            try:
                return _once(client, account, photo, fields, min(timeout, deadline.left()))
            except (TransportError, RateLimitError) as error:
                pause = max(wait, getattr(error, "retry_after", None) or 0.0)
                if pause >= deadline.left():
                    raise
                pace.sleep(pause)
    finally:
        if http is None:
            client.close()
    raise AssertionError("the pauses have no end")  # pragma: no cover


def _once(
    client: httpx.Client,
    account: Account,
    photo: tuple[str, bytes],
    fields: Mapping[str, str],
    seconds: float,
) -> bytes:
    headers = {"user-agent": "maskkit", "accept": "image/*", "accept-encoding": "identity"}
    headers |= {"x-api-key": account.key} if account.key else {}
    name, content = photo
    files = {"image_file": (name, content, "application/octet-stream")}
    request = httpx.Request("POST", account.url, headers=headers, data=dict(fields), files=files)
    request.extensions = {"timeout": httpx.Timeout(max(0.001, seconds)).as_dict(), "trace": trace}
    try:
        with ours(), bounded(max(0.001, seconds)):
            response = client.send(request, auth=None, follow_redirects=False, stream=True)
            try:
                body = _body(response, account)
            finally:
                response.close()
    except _UNSENT as error:
        said = f"{account.host}: no connection ({type(error).__name__}: {redact(error)})"
        raise TransportError(said) from None
    except httpx.HTTPError as error:
        raise _maybe(account, type(error).__name__) from None
    if response.status_code == 200:
        return body
    raise _refusal(account, response, body)


def _body(response: httpx.Response, account: Account) -> bytes:
    collected = bytearray()
    for piece in response.iter_bytes():
        collected += piece
        if len(collected) > _CAP:
            raise ContractError(f"{account.host}: the answer is longer than {_CAP} bytes")
    return bytes(collected)


def _maybe(account: Account, why: str, status: int | None = None) -> MaybeSubmittedError:
    said = f"{account.host}: {why}; the order may be paid for, so it is not sent again by itself"
    return MaybeSubmittedError(said, status_code=status)


def _refusal(account: Account, response: httpx.Response, body: bytes) -> FetchError:
    """The error for an answer that is no picture."""
    status, (code, title) = response.status_code, _said(body)
    secrets = frozenset({account.key} - {""})
    text = without(
        str(redact(f"{account.host} answered {status}" + (f": {title}" if title else ""))), secrets
    )
    if status in (429, 503):
        return RateLimitError(
            text, retry_after=retry_after(response.headers, time.time()), status_code=status
        )
    if status >= 500 or status < 400:  # 2xx and 3xx: somebody else's answer
        return _maybe(account, text, status) if status >= 500 else ContractError(text, status_code=status)
    if status in (401, 403):
        return AuthError(f"{text}; is the key right? See MASKKIT_REMOVEBG_KEY", status_code=status)
    if status == 402:
        return QuotaError(text, status_code=status)
    return JobFailedError(text, code=code, type=code, title=title, status_code=status)


def _said(body: bytes) -> tuple[str | None, str]:
    """The code of the first error, and every error's title and detail; of another body its beginning."""
    try:
        errors = [one for one in json.loads(body[:100_000])["errors"] if isinstance(one, dict)]
        words = ["; ".join(str(one[name]) for name in ("title", "detail") if one.get(name)) for one in errors]
        code = errors[0].get("code") if errors else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, " ".join(body[:200].decode("utf-8", "replace").split())
    return (str(code) if code else None), ", ".join(words)[:500]
