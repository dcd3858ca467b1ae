"""Adobe's own Node SDK, unmodified, against the server: only the base URL of its API description differs."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from .conftest import photo_bytes, picture, true_mask

PACKAGE = "@adobe/aio-lib-photoshop-api@1.1.0"
SCRIPT = """
const [base, key, token, orders] = process.argv.slice(2)
require('@adobe/aio-lib-photoshop-api/spec/api.json').servers[0].url = base
const sdk = require('@adobe/aio-lib-photoshop-api')
async function main () {
  const client = await sdk.init('org@AdobeOrg', key, token)
  const told = JSON.parse(orders).map(async ([method, input, output]) => {
    try {
      const job = await client[method](input, output)
      return { id: job.jobId, outputs: job.outputs }
    } catch (error) {
      return { error: String(error.message) }
    }
  })
  console.log(JSON.stringify(await Promise.all(told)))
}
main()
"""


@pytest.fixture(scope="session")
def sdk():
    """The folder that the package is installed in: MASKKIT_TEST_NPM, which keeps it."""
    folder, npm = os.environ.get("MASKKIT_TEST_NPM"), shutil.which("npm")
    if not folder or not npm or not shutil.which("node"):
        pytest.skip("MASKKIT_TEST_NPM (a folder to keep Adobe's SDK in) is not set, or npm is missing")
    place = Path(folder) / "adobe-sdk"
    if not (place / "node_modules" / "@adobe" / "aio-lib-photoshop-api").exists():
        place.mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", place, PACKAGE]
        if subprocess.run(install, check=False, timeout=300).returncode:
            pytest.skip(f"npm cannot fetch {PACKAGE}")
    return place


@pytest.fixture(scope="session")
def node(sdk):
    """``node(base URL, client id, token, orders)``: what the SDK says of each order."""

    def run(base, client, token, orders):
        words = ["node", "-", base, client, token, json.dumps(orders)]
        said = subprocess.run(
            words, check=True, input=SCRIPT, text=True, stdout=subprocess.PIPE, cwd=sdk, timeout=120
        )
        return json.loads(said.stdout.splitlines()[-1])

    return run


@pytest.fixture
def run(node, shop):
    server, options = shop
    return lambda orders, token=options["client_secret"]: node(server.base, "shop", token, orders)


def test_masks_and_cutouts_soft_and_binary(run, store):
    source = store.put("/sdk-in.png", photo_bytes())
    orders = [
        (method, source, {"href": store.url(f"/sdk-{method}-{format}.png"), "mask": {"format": format}})
        for method in ("createMask", "createCutout")
        for format in ("soft", "binary")
    ]
    said = run(orders)
    assert [job.get("error") for job in said] == [None] * 4
    assert {job["outputs"][0]["status"] for job in said} == {"succeeded"}
    assert all(job["id"] for job in said)
    for method, _, output in orders:
        made = np.asarray(picture(store.blobs[f"/sdk-{method}-{output['mask']['format']}.png"]))
        alpha = made[..., 0 if method == "createMask" else 3]
        expected = true_mask(photo_bytes(), output["mask"]["format"])
        assert np.array_equal(alpha, expected)
        if method == "createCutout":
            assert np.array_equal(made[..., :3], np.asarray(picture(photo_bytes())))


def test_a_failure_ends_its_polling_and_a_wrong_token_is_told(run, store):
    source = store.put("/sdk-text.png", b"no picture")
    [failed] = run([("createMask", source, store.url("/sdk-none.png"))])
    [output] = failed["outputs"]
    assert output["status"] == "failed"
    assert output["errors"][0]["type"] == "InputValidationError"
    [refused] = run([("createMask", source, store.url("/sdk-none.png"))], token="wrong")
    assert "401" in refused["error"] or "UNAUTHORIZED" in refused["error"].upper()
