"""A server on a real socket that speaks both contracts as it is told to."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from maskkit.testing.faults import Fault
from maskkit.testing.pictures import sample_photo
from maskkit.testing.service import Task
from maskkit.testing.store import Store, StoreStaging
from maskkit.testing.wiring import Handler, Listener
from maskkit.wire import Failure

__all__ = ["Received", "ScriptedServer"]


@dataclass(frozen=True)
class Received:
    """A request as it came in; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        """The query of the target."""
        return urlsplit(self.target).query


class ScriptedServer:
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

    def __init__(
        self,
        *,
        statuses: Sequence[str] = ("pending", "running", "succeeded"),
        failures: Sequence[Failure] = (),
        result: Callable[[bytes, str, str], bytes] | None = None,
        contracts: Sequence[str] = ("v1", "v2"),
        token_lasts: float = 86400,
        status_extra: Mapping[str, Any] | None = None,
        status_base: str | None = None,
        result_base: str | None = None,
    ) -> None:
        self.statuses, self.failures, self.result = statuses, failures, result
        self.contracts, self.token_lasts, self.status_extra = contracts, token_lasts, status_extra or {}
        self.status_base, self.result_base = status_base, result_base
        self.client_id, self.client_secret = "scripted-client", f"secret-{secrets.token_hex(8)}"
        self.tokens: set[str] = set()
        self.tasks: dict[str, Task] = {}
        self.received: list[Received] = []
        self.store = Store()
        self.photo = sample_photo()
        self.faults: list[Fault] = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self._listener: ThreadingHTTPServer | None = None

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

    def fail(self, route: str, status: int = 500, **what: Any) -> Fault:
        """Script a `Fault`, by default with the documented body: ``fail("GET /v2/status", 503, times=2)``."""
        fault = Fault(route, status, **what)
        with self.lock:
            self.faults.append(fault)
        return fault

    def issue_token(self) -> str:
        """A new access token, which the service accepts until `expire_tokens`."""
        token = f"token-{secrets.token_hex(12)}"
        self.tokens.add(token)
        return token

    def expire_tokens(self) -> None:
        """No token that was given is accepted any more."""
        self.tokens.clear()

    @property
    def staging(self) -> StoreStaging:
        """A staging area in the store."""
        return StoreStaging(f"{self.url}/store", self.store)

    @property
    def leaks(self) -> list[Received]:
        """Requests to storage, or for a result, that carried what only the API may see."""
        outside = [one for one in self.received if one.path.startswith(("/store/", "/results/", "/bucket/"))]
        return [one for one in outside if {"authorization", "x-api-key", "cookie"} & one.headers.keys()]

    def options(self, **more: Any) -> dict[str, Any]:
        """The arguments of a client for this server; ``more`` wins."""
        how = {"base_url": self.url, "client_id": self.client_id, "client_secret": self.client_secret}
        return {**how, "ims_url": f"{self.url}/ims/token/v3", "staging": self.staging, **more}

    def environ(self, api: str = "v1") -> dict[str, str]:
        """The environment for ``MaskClient.from_env``; staging is S3's, so `maskkit[staging]` is needed."""
        return {
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
