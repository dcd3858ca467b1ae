"""Both wire contracts as frozen records <-> JSON, for clients and for servers; standard library only.

``v1`` is Create Mask (``/sensei/mask``, ``/sensei/cutout``), ``v2`` is Remove Background. The two modules
have the same eight functions, so a module is a contract: ``CONTRACTS["v2"].read_status(body)``.

====================  ==========================================  ==========================================
what goes over        a client                                    a server
====================  ==========================================  ==========================================
the order             ``write_request(request) -> dict``          ``read_request(body) -> Request``
the receipt (202)     ``read_accepted(body) -> Accepted``         ``write_accepted(accepted) -> dict``
the state of the job  ``read_status(body) -> Status``             ``write_status(status) -> dict``
a refusal (4xx, 5xx)  ``read_error(body) -> Failure``             ``write_error(failure) -> dict``
====================  ==========================================  ==========================================

Reading is lenient (unknown members are ignored, every known spelling is accepted), writing is exact.
A body that cannot be read raises ContractError with ``.member`` and ``.keyword``; ``invalid(error)`` makes
of it the Failure that a server answers.
"""

from __future__ import annotations

from types import ModuleType

from maskkit.wire import v1, v2
from maskkit.wire.records import JSON, Accepted, Body, Failure, Format, Output, Status, invalid

__all__ = [
    "CONTRACTS",
    "JSON",
    "Accepted",
    "Body",
    "Failure",
    "Format",
    "Output",
    "Status",
    "invalid",
    "v1",
    "v2",
]

CONTRACTS: dict[str, ModuleType] = {"v1": v1, "v2": v2}
