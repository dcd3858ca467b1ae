"""The documented systemd unit and compose file: checked by what reads them, their commands run."""

import re
import secrets
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from maskkit.server.credentials import add_client

from .conftest import photo_bytes, picture, wait_for_end
from .test_faults import launched

PAGE = Path(__file__).parents[2] / "docs" / "operation.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the pages are not here")


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.M | re.S)[1]


def test_the_unit_is_one_that_systemd_takes(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed (Debian: apt-get install systemd)")
    unit = tmp_path / "maskkit.service"
    [place] = re.findall(r"ExecStart=(\S+)", block("ini"))
    unit.write_text(block("ini").replace(place, sys.executable))  # it looks whether the program is there
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], check=False, capture_output=True, text=True
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_the_units_command_serves(tmp_path):
    command = re.search(r"ExecStart=\S+ ((?:.*\\\n)*.*)", block("ini"))[1].replace("\\\n", " ")
    places = {"/etc/maskkit/clients.txt": tmp_path / "clients.txt", "/var/lib/maskkit": tmp_path}
    add_client(tmp_path / "clients.txt", "shop")
    words = [places.get(word, word) for word in shlex.split(command)]
    with launched(*words) as (_, base):
        assert httpx.get(f"{base}/health").json() == {"status": "alive"}
        assert httpx.post(f"{base}/sensei/mask", json={}).status_code == 401


def test_two_servers_of_the_compose_file_share_the_work_and_one_may_die(tmp_path, postgres):
    yaml = pytest.importorskip("yaml")
    compose = yaml.safe_load(block("yaml"))
    service = compose["services"]["maskkit"]
    volumes = dict(volume.split(":")[1::-1] for volume in service["volumes"])
    assert service["deploy"]["replicas"] == 2
    assert set(volumes) == {"/data", "/etc/maskkit"}
    assert volumes["/data"] in compose["volumes"]
    url = make_url(service["environment"]["MASKKIT_DATABASE"].replace("${DB_PASSWORD}", "x"))
    assert (url.drivername, url.host) == ("postgresql+psycopg", "database")
    assert url.username == compose["services"]["database"]["environment"]["POSTGRES_USER"]

    (tmp_path / "etc").mkdir()
    secret = add_client(tmp_path / "etc" / "clients.txt", "shop")
    places = {"/data": tmp_path / "data", "/etc/maskkit/clients.txt": tmp_path / "etc" / "clients.txt"}
    words = [places.get(word, word) for word in shlex.split(service["command"])]
    words[words.index("--host") + 1] = "127.0.0.1"
    environ = {"MASKKIT_DATABASE": postgres, "MASKKIT_SERVER_SECRET": secrets.token_hex(32)}
    share(words[1:], environ, secret)


def share(words, environ, secret, count=8):
    """Orders to either server; the first is killed; the second has all, and gives out every result."""
    public = words[words.index("--public-url") + 1]
    headers = {"authorization": f"Bearer {secret}", "x-api-key": "shop"}
    words = [*words, "--lease", "1"]
    with (
        launched(*words, **environ) as (first, base),
        launched(*words, **environ) as (_, other),
        httpx.Client(headers=headers) as client,
    ):
        pair = client.post(f"{base}/files").json()
        assert pair["put"]["href"].startswith(public), "behind a proxy, its URLs are the proxy's"
        client.put(pair["put"]["href"].replace(public, other), content=photo_bytes())
        body = {"image": {"source": {"url": pair["get"]["href"]}}, "mode": "mask"}
        orders = [
            client.post(f"{(base, other)[number % 2]}/v2/remove-background", json=body)
            for number in range(count)
        ]
        first.kill()
        first.wait()
        urls = [order.json()["statusUrl"].replace(public, other) for order in orders]
        ends = [wait_for_end(client, url, 60) for url in urls]
        assert Counter(end["status"] for end in ends) == {"succeeded": count}
        for end in ends:
            href = end["result"]["outputs"][0]["destination"]["url"]
            assert picture(httpx.get(href.replace(public, other)).content).size == (64, 48)
