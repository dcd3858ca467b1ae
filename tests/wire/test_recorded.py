"""The bodies that docs/wire.md records are what the contracts read and write."""

import json
import re
from pathlib import Path

import pytest

from maskkit.wire import CONTRACTS

TEXT = (Path(__file__).parents[2] / "docs" / "wire.md").read_text()
RECORDED = re.findall(r"^<!-- (v[12]) (\w+) -->\n```json\n(.*?)^```", TEXT, re.M | re.S)


@pytest.mark.parametrize(
    ("api", "what", "body"), RECORDED, ids=[f"{api} {what}" for api, what, _ in RECORDED]
)
def test_recorded_body(api, what, body):
    contract = CONTRACTS[api]
    read, write = getattr(contract, f"read_{what}"), getattr(contract, f"write_{what}")
    assert write(read(json.loads(body))) == json.loads(body)


def test_all_of_both_contracts_is_recorded():
    assert len(RECORDED) == 6
