import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture(scope="session")
def redness(tmp_path_factory):
    """The file of a network that finds what is red."""
    pytest.importorskip("onnx", reason="the onnx package builds the test network")
    from engines import networks_made_here

    return networks_made_here.redness(tmp_path_factory.mktemp("networks") / "redness.onnx")


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("MASKKIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MASKKIT_OFFLINE", raising=False)
    monkeypatch.delenv("MASKKIT_WEIGHTS_INDEX", raising=False)
    return tmp_path / "home" / "models"


@pytest.fixture
def shelf(redness):
    """A server with the network on it: its url, the ranges asked for, and how it answers.

    ``stop_after`` bytes its answers break off, or ``silent`` hold still until the client has gone.
    """
    content, seen = redness.read_bytes(), []
    settings = {"stop_after": None, "status": None, "silent": False}
    gone = threading.Event()

    class Shelf(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers.get("Range")
            seen.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            self.send_response(settings["status"] or (206 if asked else 200))
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start : settings["stop_after"]])
            if settings["silent"]:
                gone.wait()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/redness.onnx", seen, settings
    gone.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def red(redness, tmp_path):
    """The network that finds what is red, with its description beside it."""
    path = tmp_path / "red.onnx"
    shutil.copy(redness, path)
    path.with_suffix(".json").write_text(
        '{"mean": [0, 0, 0], "std": [1, 1, 1], "size": [96, 96], "activation": "sigmoid"}'
    )
    return path
