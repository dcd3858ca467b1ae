"""What no contract has is refused by its name, and what Adobe's own clients send is not."""

import pytest

IN = {"href": "https://bucket.example.com/in.png", "storage": "external"}
OUT = {"href": "https://bucket.example.com/out.png", "storage": "external"}
V2 = {"image": {"source": {"url": "https://bucket.example.com/in.png"}}}


@pytest.mark.parametrize(
    ("body", "member", "nearest"),
    [
        ({"optoins": {}}, "optoins", "options"),
        ({"output": OUT | {"msk": {"format": "binary"}}}, "output.msk", "mask"),
        ({"output": OUT | {"mask": {"format": "soft", "fromat": "binary"}}}, "output.mask.fromat", "format"),
        ({"input": IN | {"hreff": "x"}}, "input.hreff", "href"),
        ({"options": {"optimise": "batch"}}, "options.optimise", "optimize"),
        ({"feather": 20}, "feather", None),
        ({"x" * 5000: 1}, "x" * 100, None),
    ],
)
@pytest.mark.parametrize("door", ["/sensei/mask", "/sensei/cutout"])
def test_v1_names_the_member_and_the_nearest(service, door, body, member, nearest):
    answer = service.client.post(door, json={"input": IN, "output": OUT} | body)
    [reason] = answer.json()["reason"]
    assert (answer.status_code, reason["keyword"]) == (400, "additionalProperties")
    assert reason["dataPath"].removeprefix(".").startswith(member)
    assert reason["message"].startswith(member)
    assert (f"did you mean '{nearest}'?" in reason["message"]) == bool(nearest)
    assert len(answer.content) < 2000


@pytest.mark.parametrize(
    ("body", "member", "nearest"),
    [
        ({"mdoe": "mask"}, "mdoe", "mode"),
        ({"output": {"mediatype": "image/png"}}, "output.mediatype", "mediaType"),
        ({"image": {"source": {"url": IN["href"], "storage": "external"}}}, "image.source.storage", None),
        (
            {"backgroundColor": {"red": 1, "green": 2, "blue": 3, "alhpa": 1}},
            "backgroundColor.alhpa",
            "alpha",
        ),
    ],
)
def test_v2_names_the_member_and_the_nearest(service, body, member, nearest):
    answer = service.client.post("/v2/remove-background", json=V2 | body)
    said = answer.json()
    assert (answer.status_code, said["error_code"]) == (400, "InputValidationError")
    assert f"{member}: is no member" in said["message"]
    assert (f"did you mean '{nearest}'?" in said["message"]) == bool(nearest)


@pytest.mark.parametrize("door", ["/sensei/mask", "/sensei/cutout", "/v2/remove-background"])
def test_an_order_has_no_query(service, door):
    body = V2 if "v2" in door else {"input": IN, "output": OUT}
    answer = service.client.post(f"{door}?format=binary", json=body)
    assert answer.status_code == 400
    assert "format: is no query parameter" in answer.text


def test_what_adobes_clients_send_is_admitted(service):
    output = OUT | {"type": "image/png", "overwrite": True}
    options = {"optimize": "batch", "process": {"postprocess": False}, "service": {"version": "4.0"}}
    body = {"input": IN, "output": output, "options": options}
    assert service.client.post("/sensei/mask", json=body).status_code == 202


@pytest.mark.parametrize("path", ["/sensei/mask", "/v2/remove-background"])
def test_the_api_says_so(service, path):
    described = service.client.get("/openapi.json").json()["paths"][path]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"] is False
