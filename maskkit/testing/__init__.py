"""Test your own code against both contracts, without an account and without waiting.

>>> from maskkit import MaskClient
>>> with ScriptedServer() as server, MaskClient(**server.options(), pace=FakeTime().pace()) as service:
...     mask = service.create_mask(server.photo)
>>> mask.shape
(48, 64)

`ScriptedServer` is a real server on a real socket of this machine: a masking service of both contracts,
its token service, and a store of signed URLs; `ScriptedServer.fail` makes it misbehave. `FakeTime` is a
clock that sleeping moves. The pytest fixture ``maskkit_server`` is a `ScriptedServer` with the environment
variables set (``MASKKIT_*``, ``AWS_*``); it comes with the installed package, or with
``pytest_plugins = ["maskkit.testing.plugin"]``.
"""

from maskkit.testing.clock import FakeTime
from maskkit.testing.faults import Fault, documented
from maskkit.testing.script import Received
from maskkit.testing.server import ScriptedServer

__all__ = ["FakeTime", "Fault", "Received", "ScriptedServer", "documented"]
