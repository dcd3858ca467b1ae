"""Keys of stores in the environment: what obstore reads, what is read for it, how to export the rest."""

from __future__ import annotations

import os
from collections.abc import Mapping

__all__ = ["from_connection_string", "needed"]

_CONNECTION = "AZURE_STORAGE_CONNECTION_STRING"
_SAS = ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY")
_KEYS = {  # what obstore reads of the environment
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
    "gs": "GOOGLE_SERVICE_ACCOUNT (the file of a service account's key)",
    "az": f"AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or {_CONNECTION}",
}


def needed(scheme: str, environ: Mapping[str, str] | None = None) -> str:
    """The variables to set for a kind of store, and what of those that are set is of no use.

    >>> needed("s3", {"AWS_PROFILE": "shop"}).partition("; ")[2]
    'AWS_PROFILE is not read: eval "$(aws configure export-credentials --format env)" exports its keys'
    """
    environ = os.environ if environ is None else environ
    if scheme == "s3" and environ.get("AWS_PROFILE") and not environ.get("AWS_ACCESS_KEY_ID"):
        export = 'eval "$(aws configure export-credentials --format env)"'
        return f"{_KEYS[scheme]}; AWS_PROFILE is not read: {export} exports its keys"
    if scheme == "az" and _has_sas(environ):
        return (
            f"{_KEYS[scheme]}; a SAS cannot sign further URLs (one that you made can be given as SignedURLs)"
        )
    return _KEYS[scheme]


def _has_sas(environ: Mapping[str, str]) -> bool:
    said = "sharedaccesssignature=" in environ.get(_CONNECTION, "").lower()
    return said or any(environ.get(name) for name in _SAS)


def from_connection_string(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Obstore's options for the account of Azure's connection string, which it does not read itself.

    Nothing where the account is named by variables that it reads.

    >>> said = "DefaultEndpointsProtocol=https;AccountName=me;AccountKey=a2V5=="
    >>> from_connection_string({"AZURE_STORAGE_CONNECTION_STRING": said})
    {'account_name': 'me', 'account_key': 'a2V5=='}
    """
    environ = os.environ if environ is None else environ
    if environ.get("AZURE_STORAGE_ACCOUNT_KEY"):
        return {}
    pairs = (pair.partition("=") for pair in environ.get(_CONNECTION, "").split(";"))
    said = {name.strip().lower(): value.strip() for name, _, value in pairs}
    names = {"account_name": "accountname", "account_key": "accountkey", "endpoint": "blobendpoint"}
    return {option: said[name] for option, name in names.items() if said.get(name)}
