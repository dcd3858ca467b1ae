"""Adobe, or any service that speaks its contracts, in the place of an engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from maskkit.adobe.waiting import Tell, silent
from maskkit.clients.sync import MaskClient
from maskkit.engines import Estimate
from maskkit.wire import Format

__all__ = ["adobe"]


def adobe(photo: Any, *, format: Format = "soft", tell: Tell = silent, **how: Any) -> Estimate:
    """The service's mask as an `Estimate`; ``how`` (see `MaskClient`) wins over the environment.

    >>> from maskkit.testing import FakeTime, ScriptedServer
    >>> with ScriptedServer() as server:
    ...     found = adobe(server.photo, **server.options(), pace=FakeTime().pace())
    >>> found.engine, found.alpha.dtype, found.alpha.shape
    ('adobe v1', dtype('float32'), (48, 64))
    """
    with MaskClient.from_env(**how) as service:
        mask = service.create_mask(photo, format=format, tell=tell)
        spoken = service.service.contracts[0]
    return Estimate(mask.astype(np.float32) / 255, None, f"adobe {spoken}")
