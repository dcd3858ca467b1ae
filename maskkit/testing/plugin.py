"""pytest: the fixture ``maskkit_server``. Importing this costs nothing until a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from maskkit.testing import ScriptedServer

__all__ = ["maskkit_server"]


@pytest.fixture
def maskkit_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A `ScriptedServer`, with the environment that leads ``MaskClient.from_env`` and the CLI to it."""
    from maskkit.testing import ScriptedServer

    with ScriptedServer() as server:
        for name, value in server.environ().items():
            monkeypatch.setenv(name, value)
        yield server
