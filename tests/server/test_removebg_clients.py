"""Clients of remove.bg as they are published, unmodified: only the address they send to differs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from maskkit.server.credentials import add_client

from .conftest import photo_bytes, picture, running, settings, true_mask

PHOTO = photo_bytes()
PACKAGES = ("remove-bg-api==0.2.1", "removebg==0.4", "rembgpy==1.0.1")
SCRIPTS = {
    "remove-bg-api": """
import remove_bg_api
remove_bg_api.API_URL = base
client = remove_bg_api.RemoveBg(key)
open("out.png", "wb").write(client.remove_bg_file("photo.png", raw=True))
""",
    "removebg": """
import os
import removebg.removebg as one
one.API_ENDPOINT = base + "/removebg"
one.RemoveBg(key, "errors.log").remove_background_from_img_file("photo.png", bg_color="")
os.rename("photo.png_no_bg.png", "out.png")
""",
    "removebg, base64": """
import base64
import removebg.removebg as one
one.API_ENDPOINT = base + "/removebg"
coded = base64.b64encode(open("photo.png", "rb").read())
one.RemoveBg(key, "errors.log").remove_background_from_base64_img(coded, new_file_name="out.png")
""",
    "rembgpy, base64": """
import base64
import rembgpy.bg as one
one.base_url = base + "/removebg"
coded = base64.b64encode(open("photo.png", "rb").read())
one.RemBg(key, "errors.log").remove_b64(coded, nfn="out.png")
""",
}
JAVA = """
import java.io.*;
import java.net.URI;
import java.net.http.*;
import java.nio.file.*;

public class Cut {
    public static void main(String[] said) throws Exception {
        var form = new ByteArrayOutputStream();
        var disposition = "form-data; name=\\"image_file\\"; filename=\\"photo.png\\"";
        form.write(("--B\\r\\nContent-Disposition: " + disposition + "\\r\\n\\r\\n").getBytes());
        form.write(Files.readAllBytes(Path.of("photo.png")));
        form.write("\\r\\n--B--\\r\\n".getBytes());
        var client = HttpClient.newHttpClient();
        var body = form.toByteArray();
        for (var publisher : new HttpRequest.BodyPublisher[] {
                HttpRequest.BodyPublishers.ofByteArray(body),
                HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))}) {
            var request = HttpRequest.newBuilder(URI.create(said[0]))
                .header("X-Api-Key", System.getenv("KEY"))
                .header("Content-Type", "multipart/form-data; boundary=B").POST(publisher).build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofFile(Path.of("out.png")));
            System.out.println(answer.statusCode());
        }
    }
}
"""
NPM = "remove.bg@1.3.0"
PAGE = Path(__file__).parents[2] / "docs" / "coming-from-removebg.md"
NODE = """
const bg = require('remove.bg')
const [key, how] = process.argv.slice(2)
const asked = { apiKey: key, size: 'regular', outputFile: 'out.png' }
const sent = how === 'file'
  ? bg.removeBackgroundFromImageFile({ ...asked, path: 'photo.png' })
  : bg.removeBackgroundFromImageBase64({
      ...asked, base64img: require('fs').readFileSync('photo.png').toString('base64') })
sent.then(made => console.log(JSON.stringify({ charged: made.creditsCharged, width: made.resultWidth })),
  errors => { console.error(JSON.stringify(errors)); process.exit(1) })
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    secret = add_client(folder / "clients", "shop")
    with running(settings(folder, credentials=folder / "clients")) as server:
        yield server.base, secret


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The folder that the Python clients are installed in."""
    pytest.importorskip("requests", reason="the clients are built on requests")
    folder = tmp_path_factory.mktemp("clients")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *PACKAGES]
    if subprocess.run(pip, check=False, capture_output=True, timeout=120).returncode:
        pytest.skip("the clients cannot be installed")
    return folder


@pytest.fixture(scope="module")
def node():
    """The folder that npm's client is installed in: MASKKIT_TEST_NPM, which keeps it."""
    if not PAGE.exists():
        pytest.skip("the pages are not here")
    folder, npm = os.environ.get("MASKKIT_TEST_NPM"), shutil.which("npm")
    if not folder or not npm or not shutil.which("node"):
        pytest.skip("MASKKIT_TEST_NPM (a folder to keep the package in) is not set, or npm is missing")
    installed = subprocess.run([npm, "install", "--prefix", folder, NPM], check=False, capture_output=True)
    if installed.returncode:
        pytest.skip("the package cannot be installed")
    return folder


def is_the_cutout(path):
    made = np.asarray(picture(path.read_bytes()))
    return np.array_equal(made[..., 3], true_mask(PHOTO))


@pytest.mark.service
@pytest.mark.parametrize("name", SCRIPTS)
def test_pythons_clients(shop, packages, name, tmp_path):
    base, secret = shop
    (tmp_path / "photo.png").write_bytes(PHOTO)
    script = f"import os\nbase, key = {base + '/v1.0'!r}, os.environ['KEY']\n{SCRIPTS[name]}"
    environment = os.environ | {"PYTHONPATH": str(packages), "KEY": secret}
    ran = subprocess.run([sys.executable, "-c", script], check=False, cwd=tmp_path, env=environment,
                         capture_output=True, text=True, timeout=60)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert is_the_cutout(tmp_path / "out.png")


@pytest.mark.service
@pytest.mark.parametrize("how", ["file", "base64"])
def test_nodes_client(shop, node, how, tmp_path):
    base, secret = shop
    (tmp_path / "photo.png").write_bytes(PHOTO)
    preload = re.search(r"```js\n(// elsewhere\.js.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "elsewhere.js").write_text(preload[1])
    (tmp_path / "cut.js").write_text(NODE)
    environment = os.environ | {"NODE_PATH": f"{node}/node_modules", "MASKKIT_URL": base}
    command = ["node", "-r", "./elsewhere.js", "cut.js", secret, how]
    ran = subprocess.run(command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True,
                         timeout=60)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert is_the_cutout(tmp_path / "out.png")
    assert json.loads(ran.stdout)["width"] in (64, "64")


@pytest.mark.skipif(not shutil.which("java"), reason="needs Java")
def test_javas_client(shop, tmp_path):
    """It offers HTTP/2 with the first request of a connection, unless it is told not to."""
    base, secret = shop
    (tmp_path / "photo.png").write_bytes(PHOTO)
    (tmp_path / "Cut.java").write_text(JAVA)
    command = ["java", "Cut.java", f"{base}/v1.0/removebg"]
    ran = subprocess.run(command, check=False, cwd=tmp_path, env=os.environ | {"KEY": secret},
                         capture_output=True, text=True, timeout=120)  # fmt: skip
    assert ran.stdout.split() == ["200", "200"], ran.stderr
    assert is_the_cutout(tmp_path / "out.png")


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("how", [[], ["--http2"], ["--http1.0"], ["-H", "Expect: 100-continue"]])
def test_curls_lines(shop, how, tmp_path):
    base, secret = shop
    (tmp_path / "photo.png").write_bytes(PHOTO)
    form = ["-F", "image_file=@photo.png;type=image/jpeg", "-F", "size=auto"]
    command = ["curl", "-sS", *how, "-H", f"X-Api-Key: {secret}", *form, "-f", "-o", "out.png"]
    command.append(f"{base}/v1.0/removebg/")
    ran = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    if ran.returncode == 2 and "--http2" in how:
        pytest.skip("this curl has no HTTP/2")
    assert ran.returncode == 0, ran.stderr
    assert is_the_cutout(tmp_path / "out.png")


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_the_preload_leaves_other_requests_alone(service, tmp_path):
    if not PAGE.exists():
        pytest.skip("the pages are not here")
    preload = re.search(r"```js\n(// elsewhere\.js.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "elsewhere.js").write_text(preload[1])
    script = """
const https = require('https')
const ask = (name, ...how) => {
  const sent = https.request(...how, got => { got.resume(); console.log(name, got.statusCode) })
  sent.on('error', e => console.log(name, e.code)).end()
}
ask('text', 'https://api.remove.bg/v1.0/account')
ask('url', new URL('https://api.remove.bg/v1.0/account'), { method: 'GET' })
ask('options', { hostname: 'api.remove.bg', path: '/v1.0/account' })
ask('other', 'https://127.0.0.1:1/')
"""
    (tmp_path / "ask.js").write_text(script)
    environment = os.environ | {"MASKKIT_URL": service.base}
    command = ["node", "-r", "./elsewhere.js", "ask.js"]
    ran = subprocess.run(
        command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=20
    )
    assert sorted(ran.stdout.split("\n")[:-1]) == [
        "options 200",
        "other ECONNREFUSED",
        "text 200",
        "url 200",
    ], ran
