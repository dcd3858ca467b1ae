"""What is set and what is missing, as far as it can be seen without contacting anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from maskkit.adobe.environment import settings
from maskkit.adobe.service import Options, service_of
from maskkit.adobe.staging import ObjectStaging, Staging
from maskkit.errors import AuthError, FetchError, MissingExtraError

__all__ = ["NO_STAGING", "Check", "ready"]

_SET_CREDENTIALS = "set MASKKIT_CLIENT_ID and MASKKIT_CLIENT_SECRET, or MASKKIT_ACCESS_TOKEN"
_SET_STAGING = "set MASKKIT_STAGING to s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is good, what was seen, and what to do where it is not."""

    name: str
    ok: bool
    said: str
    advice: str = ""


NO_STAGING = Check("staging", False, "none is set, so local photos cannot be sent", _SET_STAGING)


def ready(**how: Unpack[Options]) -> tuple[Options, list[Check]]:
    """The arguments for a client, of those given and the environment, and what they lack.

    The client can be made: what is lacking fails when it is used. Raises ContractError if another setting
    than credentials and staging is wrong.

    >>> how, faults = ready(base_url="https://image.adobe.io", token=" padded", staging="ftp://host")
    >>> [fault.name for fault in faults], how["staging"]
    (['credentials', 'staging'], None)
    """
    found = settings(**how)
    staging, no_staging = _staging(found.pop("staging", None))
    faults = [no_staging] if no_staging else []
    try:
        service_of(**found)
    except AuthError as error:
        said = str(error).partition(";")[0]
        faults.insert(0, Check("credentials", False, said, _SET_CREDENTIALS))
        found.pop("client_id", None)
        found.pop("client_secret", None)
        found["token"] = _no_token
        service_of(**found)
    return {**found, "staging": staging}, faults


def _staging(given: str | Staging | None) -> tuple[Staging | None, Check | None]:
    if given is None:
        return None, NO_STAGING
    try:
        return (ObjectStaging(given) if isinstance(given, str) else given), None
    except MissingExtraError as error:
        return None, Check("staging", False, "obstore is not installed", str(error).partition("; ")[2])
    except FetchError as error:
        said, _, advice = str(error).removeprefix("staging: ").partition("; ")
        return None, Check("staging", False, said, advice or _SET_STAGING)


def _no_token() -> str:
    raise AuthError("token: none is set")
