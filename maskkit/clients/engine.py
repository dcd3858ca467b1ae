"""Adobe, or any service that speaks its contracts, in the place of an engine."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from maskkit.adobe.service import Options
from maskkit.adobe.waiting import Tell, silent
from maskkit.clients.orders import KeptOrder
from maskkit.clients.sync import MaskClient
from maskkit.engines import Estimate
from maskkit.wire import Format

__all__ = ["adobe"]


def adobe(
    photo: Any,
    *,
    mask_type: Format = "soft",
    tell: Tell = silent,
    order: KeptOrder | None = None,
    **how: Unpack[Options],
) -> Estimate:
    """The service's mask as an `Estimate`; ``how`` (see `MaskClient`) wins over the environment.

    ``order`` keeps the job in a file until its ``with`` block ends well; without it, the job is over as soon
    as its mask is here.

    >>> from maskkit.testing import FakeTime, ScriptedServer
    >>> with ScriptedServer() as server:
    ...     found = adobe(server.photo, **server.options(), pace=FakeTime().pace())
    >>> found.engine, found.alpha.dtype, found.alpha.shape
    ('adobe v1', dtype('float32'), (48, 64))
    """
    client = MaskClient.from_env(**how)
    try:
        if order is None:
            mask = client.create_mask(photo, mask_type=mask_type, tell=tell)
        else:
            mask = order.mask(client, photo, mask_type, tell)
        spoken = client.service.contracts[0] if order is None else order.api
    finally:
        if order is None or not order.holds(client):
            client.close()
    return Estimate(mask.astype(np.float32) / 255, None, f"adobe {spoken}")
