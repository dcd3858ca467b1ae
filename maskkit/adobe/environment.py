"""What a client is told by the environment, and which name wins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Unpack, cast

from maskkit.adobe.hosts import ADOBE_API, is_adobe
from maskkit.adobe.service import Options
from maskkit.errors import ContractError

__all__ = ["settings"]

# One family is taken as a whole: the id of one account and the secret of another fit nothing.
_FAMILIES = ("MASKKIT", "FIREFLY_SERVICES", "PHOTOSHOP")
_PLAIN = {
    "api": "MASKKIT_API",
    "base_url": "MASKKIT_BASE_URL",
    "org_id": "MASKKIT_ORG_ID",
    "ims_url": "MASKKIT_IMS_URL",
    "staging": "MASKKIT_STAGING",
}


def settings(environ: Mapping[str, str] | None = None, **given: Unpack[Options]) -> Options:
    """The arguments of a client: those ``given`` (not None) win over the environment.

    Credentials come from the first of ``MASKKIT_*``, ``FIREFLY_SERVICES_*`` and ``PHOTOSHOP_*`` that has a
    client id or an access token. The names of Adobe's own tools count for Adobe's own hosts only: nobody
    else's server is sent their tokens.

    >>> settings({"PHOTOSHOP_CLIENT_ID": "a", "MASKKIT_BASE_URL": "https://masks.example"})
    {'base_url': 'https://masks.example'}
    """
    environ = os.environ if environ is None else environ
    found = cast(Options, {name: environ[key] for name, key in _PLAIN.items() if environ.get(key)})
    for name in ("deadline", "transfer"):
        if environ.get(f"MASKKIT_{name.upper()}"):
            found[name] = _seconds(environ, f"MASKKIT_{name.upper()}")
    wanted = cast(Options, {name: value for name, value in given.items() if value is not None})
    base = wanted.get("base_url") or found.get("base_url") or ADOBE_API
    families = _FAMILIES if is_adobe(base) else _FAMILIES[:1]
    if not wanted.keys() & {"token", "client_id"}:
        found |= _credentials(environ, families)
    elif "client_id" not in wanted:  # a token of one's own goes with the id that it was made for
        known = _credentials(environ, families)
        if "client_id" in known:
            found["client_id"] = known["client_id"]
    return found | wanted


def _credentials(environ: Mapping[str, str], families: tuple[str, ...]) -> Options:
    for family in families:
        names = {
            "token": f"{family}_ACCESS_TOKEN",
            "client_id": f"{family}_CLIENT_ID",
            "client_secret": f"{family}_CLIENT_SECRET",
        }
        found = cast(Options, {name: environ[key] for name, key in names.items() if environ.get(key)})
        if "token" in found or "client_id" in found:
            return found
    return {}


def _seconds(environ: Mapping[str, str], name: str) -> float:
    try:
        return float(environ[name])
    except ValueError:
        raise ContractError(f"{name}: need a number of seconds, got {environ[name]!r}") from None
