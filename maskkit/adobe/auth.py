"""A new access token: asked of the caller's provider, or of Adobe's IMS for client credentials."""

from __future__ import annotations

from urllib.parse import urlencode

from maskkit.adobe.answers import refusal
from maskkit.adobe.effects import Call, Talk, Work
from maskkit.adobe.exchange import exchange, idempotent
from maskkit.adobe.pace import Deadline
from maskkit.adobe.service import Service
from maskkit.adobe.tokens import ClientCredentials, Given, Provider
from maskkit.errors import AuthError, ContractError, MaskkitError

__all__ = ["renew"]


def renew(service: Service, deadline: Deadline | None = None) -> Talk[str]:
    """A new token from where ``service.tokens`` come from, kept there."""
    source = service.tokens.source
    if isinstance(source, ClientCredentials):
        given = yield from _ask_ims(source, service, deadline)
    else:
        given = yield from _ask(source)  # type: ignore[arg-type]
    token, lasts = given if isinstance(given, tuple) else (given, float("inf"))
    if not isinstance(token, str) or not token:
        raise AuthError(f"token: the provider gave {type(token).__name__}, a string is needed")
    return service.tokens.keep(token, lasts, service.pace.clock())


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
