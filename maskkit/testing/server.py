"""A server on a real socket that speaks both contracts as it is told to."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self, Unpack

from maskkit.adobe.service import Options
from maskkit.testing.script import Received, Script
from maskkit.testing.store import StoreStaging
from maskkit.testing.wiring import Handler, Listener

__all__ = ["ScriptedServer"]


class ScriptedServer(Script):
    """A masking service of both contracts, its token service, and a store, on 127.0.0.1; a context manager.

    Parameters
    ----------
    statuses : what a job's status is at each time of asking; the last one stays.
    failures : what a "failed" status says.
    result : ``(photo bytes, "mask" | "cutout", "soft" | "binary") -> PNG bytes``; an ellipse if None.
    contracts : those that it speaks, of "v1" and "v2".
    token_lasts : ``expires_in`` of its tokens, in seconds.
    status_extra : members that are added to (or replace) those of every status.
    status_base, result_base : another origin than its own to send clients to.

    Attributes
    ----------
    url, photo : its base URL; a small JPEG.
    received : every `Received` request in order. ``leaks``: those to storage that carried credentials.
    tasks : the jobs by id. ``store.files``: what is staged, by path.
    """

    _listener: Listener | None = None

    def __enter__(self) -> Self:
        self.stopping.clear()
        self._listener = Listener(("127.0.0.1", 0), Handler, self)
        self.url = f"http://127.0.0.1:{self._listener.server_address[1]}"
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stopping.set()
        if self._listener:
            self._listener.shutdown()
            self._listener.server_close()
            self._thread.join()

    @property
    def staging(self) -> StoreStaging:
        """A staging area in the store."""
        return StoreStaging(f"{self.url}/store", self.store)

    @property
    def leaks(self) -> list[Received]:
        """Requests to storage, or for a result, that carried what only the API may see."""
        outside = [one for one in self.received if one.path.startswith(("/store/", "/results/", "/bucket/"))]
        return [one for one in outside if {"authorization", "x-api-key", "cookie"} & one.headers.keys()]

    def options(self, **more: Unpack[Options]) -> Options:
        """The arguments of a client for this server; ``more`` wins."""
        own: Options = {
            "base_url": self.url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "ims_url": f"{self.url}/ims/token/v3",
            "staging": self.staging,
        }
        return own | more

    def environ(self, api: str = "v1") -> dict[str, str]:
        """The environment for ``MaskClient.from_env``; staging is S3's, so `maskkit[staging]` is needed.

        The cache of masks is off: every order comes here.
        """
        return {
            "MASKKIT_CACHE": "0",
            "MASKKIT_API": api,
            "MASKKIT_BASE_URL": self.url,
            "MASKKIT_CLIENT_ID": self.client_id,
            "MASKKIT_CLIENT_SECRET": self.client_secret,
            "MASKKIT_IMS_URL": f"{self.url}/ims/token/v3",
            "MASKKIT_STAGING": "s3://bucket/masks",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "scripted",
            "AWS_SECRET_ACCESS_KEY": "scripted",
            "AWS_REGION": "us-east-1",
        }
