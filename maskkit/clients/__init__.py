"""Adobe's masks as arrays: photos are prepared for the service, its answers checked and normalised.

prepare.py   a photo -> what is uploaded      receive.py   the file that comes back -> an array
talks.py     the conversations with pixels at both ends, once for both clients
plan.py      a dry run: what would be uploaded and ordered
orders.py    a paid order in a file until its picture is safe
"""

from maskkit.clients.aio import AsyncMaskClient
from maskkit.clients.orders import KeptOrder
from maskkit.clients.sync import MaskClient

__all__ = ["AsyncMaskClient", "KeptOrder", "MaskClient"]
