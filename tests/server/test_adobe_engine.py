"""``--engine adobe``: the server passes orders on to Adobe's service (here: the scripted one)."""

import numpy as np
import pytest

from maskkit.fetch import service_is_set_up
from maskkit.testing import ScriptedServer
from maskkit.testing.pictures import ellipse

from .conftest import photo_bytes, picture

pytest.importorskip("obstore")


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_old_clients_get_the_other_services_masks(serving, store, monkeypatch, api):
    with ScriptedServer(statuses=("succeeded",)) as adobe:
        for name, value in adobe.environ(api).items():
            monkeypatch.setenv(name, value)
        server = serving(engine="adobe")
        source = store.put("/forward.png", photo_bytes())
        status = server.wait(server.order(source, store.url(f"/forwarded-{api}.png")))
        assert status["status"] == "succeeded", status
        mask = np.asarray(picture(store.blobs[f"/forwarded-{api}.png"]))[..., 0]
        assert np.array_equal(mask, ellipse(48, 64))
        assert len(adobe.tasks) == 1, "one order, one billed job"
        assert adobe.leaks == []


def test_its_failure_is_the_jobs_failure(serving, store, monkeypatch):
    with ScriptedServer(statuses=("failed",)) as adobe:
        for name, value in adobe.environ().items():
            monkeypatch.setenv(name, value)
        server = serving(engine="adobe")
        source = store.put("/forward.png", photo_bytes())
        status = server.wait(server.order(source, store.url("/forwarded.png")))
        assert status["status"] == "failed"
        assert status["errors"][0]["type"] == "EngineError"
        assert adobe.client_secret not in str(status)
        assert len(adobe.tasks) == 1, "what failed at the other service is not ordered again"


@pytest.mark.parametrize("door", ["job", "upload"])
def test_only_an_explicit_name_forwards_photos(serving, store, monkeypatch, door):
    with ScriptedServer(statuses=("succeeded",)) as adobe:
        for name, value in adobe.environ().items():
            monkeypatch.setenv(name, value)
        assert service_is_set_up(), "the environment is one that the library would take Adobe in"
        server = serving(engine="auto")
        if door == "job":
            source = store.put("/kept.png", photo_bytes())
            status = server.wait(server.order(source, store.url("/kept-out.png")))
            assert status["status"] == "succeeded", status
        else:
            answer = server.client.post("/mask", files={"photo": photo_bytes()})
            assert not answer.headers["x-mask-source"].startswith("adobe")
        assert adobe.received == [], "nothing left this machine"
