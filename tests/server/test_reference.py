"""The page of the API at /docs: what it says is what the server does."""

import html
import re
import shutil
import subprocess

import pytest

from .conftest import photo_bytes


def lines(server):
    """The curl lines of the page."""
    page = server.client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    return [html.unescape(line) for line in re.findall("<pre>(.*?)</pre>", page.text, re.DOTALL)]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("path", ["/mask", "/composite", "/files", "/ready"])
def test_its_lines_can_be_run(service, tmp_path, path):
    line = next(line for line in lines(service) if line.endswith(f"'{service.base}{path}'"))
    (tmp_path / "photo.jpg").write_bytes(photo_bytes())
    run = ["sh", "-c", f"{line} -sf -o answer"]
    subprocess.run(run, cwd=tmp_path, check=True, timeout=60)
    head = (tmp_path / "answer").read_bytes()[:4]
    assert head == b"\x89PNG" if path in ("/mask", "/composite") else head[:1] == b"{"


def test_it_says_who_may_where_the_server_asks(service, serving, tmp_path):
    from maskkit.server.credentials import add_client

    assert not [line for line in lines(service) if "Bearer" in line]
    add_client(tmp_path / "clients", "shop")
    asked = lines(serving(credentials=tmp_path / "clients"))
    secured = {line.split()[-1].rpartition("/")[2].strip("'") for line in asked if "Bearer" in line}
    assert {"mask", "cutout", "composite", "remove-background", "files"} <= secured
    assert not {"{name}", "v3", "health"} & secured


def test_what_a_client_says_of_the_host_is_escaped(service):
    answer = service.client.get("/docs", headers={"host": "127.0.0.1:1/<script>"})
    assert "<script>" not in answer.text


def test_what_may_be_answered_is_told(service):
    paths = service.client.get("/openapi.json").json()["paths"]
    told = {
        (path, verb): set(does["responses"]) for path, door in paths.items() for verb, does in door.items()
    }
    orders = ("/sensei/mask", "/sensei/cutout", "/v2/remove-background", "/mask", "/cutout", "/composite")
    for path in orders:
        assert told[path, "post"] >= {"400", "401", "403", "405", "413", "415", "429", "500", "503"}
    assert all("502" in told[path, "post"] for path in orders[3:])
    assert "507" in told["/files/{name}", "put"]
