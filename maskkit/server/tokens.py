"""A token endpoint with the shape of Adobe's IMS, so that clients can log in unmodified."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from maskkit.server.credentials import TOKEN_SECONDS
from maskkit.server.parts import Server
from maskkit.server.refusals import answer

__all__ = ["router"]

router = APIRouter(tags=["tokens"])
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "client_id", "client_secret"],
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        **{name: {"type": "string"} for name in ("client_id", "client_secret", "scope")},
                    },
                }
            }
        },
    }
}


@router.post(
    "/ims/token/v3",
    openapi_extra=_FORM,
    responses={
        400: {"description": "the form is not valid"},
        401: {"description": "unknown client or secret"},
    },
)
async def token(request: Request) -> Response:
    """OAuth 2 client credentials: a bearer token for an hour."""
    server: Server = request.app.state.server
    try:
        form = await request.form()
    except UnicodeError:  # a charset that is none
        form = FormData()
    if form.get("grant_type") != "client_credentials":
        return answer({"error": "unsupported_grant_type" if "grant_type" in form else "invalid_request"}, 400)
    client, secret = str(form.get("client_id", "")), str(form.get("client_secret", ""))
    known = server.access.credentials
    if known is None:
        server.client_of(request)
        issued = "open"
    elif known.check_secret(client, secret):
        issued = known.issue(client)
    else:
        return answer({"error": "invalid_client", "error_description": "invalid client_id or secret"}, 401)
    body = {"access_token": issued, "token_type": "bearer", "expires_in": TOKEN_SECONDS}
    return answer(body, headers={"cache-control": "no-store"})
