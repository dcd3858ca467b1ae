"""The editor in marimo, which runs for real, in Debian's chromium."""

import base64
import io
import os
import re
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("marimo")
pytest.importorskip("anywidget")
pytest.importorskip("selenium")
from .test_jupyterlab import CHROMIUM, DRIVER, ROOT, SMALL, browser, free_port, screenshot, until

__all__ = ["browser"]
pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromium-driver (Debian's)"),
    pytest.mark.service,
    pytest.mark.slow,
]
APP = f"""
import marimo
app = marimo.App()

@app.cell
def _():
    {SMALL.strip().replace(chr(10), chr(10) + "    ")}
    editor = mk.edit(photo, fetch=False)
    editor
    return
"""
FIND = """
const find = (root, css) => root.querySelector(css) ?? [...root.querySelectorAll('*')]
  .map(e => e.shadowRoot && find(e.shadowRoot, css)).find(Boolean);
const seen = css => find(document, `.maskkit-edit ${css}`);
"""


@pytest.fixture
def app(tmp_path):
    (tmp_path / "app.py").write_text(APP)
    port = free_port()
    words = [sys.executable, "-m", "marimo", "run", "app.py", "--headless", "--no-token", "--port", str(port)]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": path}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(words, env=environment, stdout=log, stderr=log, cwd=tmp_path)
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: urllib.request.urlopen(base).status == 200, (tmp_path / "log").read_text, 90)
        yield base
    finally:
        server.terminate()
        server.wait(30)


def test_the_editor_runs_in_marimo(app, browser):
    browser.get(app)

    def said():
        return browser.execute_script(FIND + "return seen('.status')?.textContent ?? ''")

    until(lambda: "900 × 600 pixels, mask" in said(), said, 90)  # noqa: RUF001
    browser.execute_script(
        FIND
        + """const input = seen('input[name=feather]'); input.focus(); input.value = 8;
        input.dispatchEvent(new Event('input'));"""
    )
    took = "return Number(find(document, '.maskkit-edit').dataset.drawn)"
    until(lambda: browser.execute_script(FIND + took) >= 2, said)
    assert browser.execute_script(FIND + "return seen('input[name=feather]').value") == "8"
    screenshot(browser, "marimo")
    soft = browser.execute_script(
        FIND
        + """const canvas = seen('.picture'), context = canvas.getContext('2d');
        const row = context.getImageData(0, Math.round(canvas.height / 2), canvas.width, 1).data;
        return new Set([...row].filter((_, i) => i % 4 === 0)).size"""
    )
    assert soft > 12, "the edge is feathered"


LISTEN = """
const Real = WebSocket;
window.WebSocket = class extends Real {
  constructor(url, ...more) {
    super(url, ...more);
    window.session ??= new URL(url).searchParams.get('session_id');
  }
};
"""
EXPORT = """
const done = arguments[0], token = document.querySelector('marimo-server-token')?.dataset.token
  ?? document.documentElement.innerHTML.match(/"serverToken": "([^"]*)"/)?.[1] ?? '';
const asked = JSON.stringify({download: false, files: [], includeCode: true});
fetch('/api/export/html', {method: 'POST', body: asked,
  headers: {'Content-Type': 'application/json', 'Marimo-Session-Id': session, 'Marimo-Server-Token': token}})
  .then(answer => answer.text()).then(done, done)
"""


def test_an_export_holds_the_last_picture(app, browser):
    """marimo keeps the widget's traits as they are; an export's widget draws the picture among them."""
    listening = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LISTEN})
    browser.get(app)
    status = "return seen('.status')?.textContent ?? ''"
    until(lambda: "pixels, mask" in browser.execute_script(FIND + status), "the editor", 90)

    def pictures():
        return re.findall(r"iVBORw0KGgo[A-Za-z0-9+/=]{200,}", browser.execute_async_script(EXPORT))

    first = until(pictures, "the first picture")
    browser.execute_script(
        FIND
        + """const input = seen('input[name=grow]'); input.focus(); input.value = -12;
        input.dispatchEvent(new Event('input'));"""
    )
    new = until(lambda: set(pictures()) - set(first), "the renewed picture")
    areas = []
    for one in (first[0], new.pop()):
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB")).astype(int)
        areas.append((shown[..., 0] - shown[..., 2] > 60).sum())  # the red disc
    assert 0 < areas[1] < 0.9 * areas[0]
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", listening)
