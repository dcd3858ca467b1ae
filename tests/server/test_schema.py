"""Schemathesis reads the server's own OpenAPI and throws requests at every door."""

import os
import re
import subprocess
import sys

import pytest

from maskkit.server import Policy
from maskkit.server.credentials import add_client

from .conftest import running, settings

pytest.importorskip("schemathesis")
ALONE = r"^/(v1\.0|api)/"
EXAMPLES = os.environ.get("MASKKIT_SCHEMA_EXAMPLES", "2")


@pytest.mark.parametrize("who", ["id and token", "secret alone"])
def test_no_5xx_and_no_breach_of_the_schema(who, tmp_path):
    secret = add_client(tmp_path / "clients", "shop")
    limits = {"max_queue": 10_000, "max_per_client": 10_000, "max_pixels": 10_000, "body_seconds": 5.0}
    limits |= {"units_per_minute": 1_000_000}
    # no store may be reached: what is made up here must not leave the machine
    policy = Policy(deny_hosts=("*",))
    with running(settings(tmp_path, credentials=tmp_path / "clients", policy=policy, **limits)) as server:
        run = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.base}/openapi.json"]
        if who == "secret alone":  # in the header where the others have the client's name
            run += ["--include-path-regex", ALONE, "-H", f"x-api-key: {secret}"]
        else:
            run += ["--exclude-path-regex", ALONE]
            run += ["-H", f"authorization: Bearer {secret}", "-H", "x-api-key: shop"]
        run += ["--generation-deterministic"]
        # a schema cannot say that an upload is a picture, or that a host is admitted
        run += ["--checks", "all", "--exclude-checks", "positive_data_acceptance"]
        run += ["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES]
        said = subprocess.run(run, check=False, text=True, stdout=subprocess.PIPE, cwd=tmp_path, timeout=300)
        assert said.returncode == 0, said.stdout[-5000:]
        paths = server.client.get("/openapi.json").json()["paths"]
        chosen = [
            verbs for path, verbs in paths.items() if bool(re.match(ALONE, path)) == (who == "secret alone")
        ]
        count = sum(map(len, chosen))
        assert count >= 5
        assert f"Tested: {count}" in said.stdout
        assert server.client.get("/health").status_code == 200
