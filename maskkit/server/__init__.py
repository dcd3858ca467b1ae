"""Create Mask, self-hosted: an HTTP server that speaks both wire contracts (extra ``server``).

app.py           the FastAPI application         settings.py     every option, one record
listen.py        the socket, and its patience    gate.py         what every request passes
routes_v1.py     /sensei/...                     routes_v2.py    /v2/...
direct.py        multipart in, picture out       routes_files.py signed PUT and GET of own files
file_store.py    the folder of own files         quota.py        how much of it a client may take
access.py        who asks                        intake.py       what is taken in
credentials.py   who may                         signing.py      what expires
clock.py         whether the clock was set       parts.py        the parts of one running server
orders.py        an order, with its version      records.py      what the jobs table keeps as JSON
turns.py         whose turn it is, in SQL
jobs.py          the steps of a job, on table.py worker.py       claims jobs and runs them
compute.py       bytes -> bytes, in a process    lanes.py        the processes, or Dask
guard.py         where to connect to (SSRF)      stores.py       from and to the clients' stores
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maskkit.server.app import create_app
    from maskkit.server.guard import Policy
    from maskkit.server.settings import Settings

__all__ = ["Policy", "Settings", "create_app"]

# loaded when used: the processes that compute import this package and need no web framework
_ROOMS = {"Policy": "guard", "Settings": "settings", "create_app": "app"}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(importlib.import_module(f"maskkit.server.{_ROOMS[name]}"), name)
    raise AttributeError(f"module 'maskkit.server' has no attribute {name!r}")
