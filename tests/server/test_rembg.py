"""``/api/remove`` as rembg's own server has it: requests as its documents show them, on a real socket."""

import io
import json
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

import maskkit as mk
from maskkit.errors import PixelError
from maskkit.server import Policy
from maskkit.server.credentials import add_client
from maskkit.server.rembg import MODELS, product_of

from .conftest import photo_bytes, picture, true_mask

PHOTO = photo_bytes()
URL = "/api/remove"


def post(service, fields=None, params=None, headers=None):
    sent = {"file": ("input.jpg", PHOTO, "image/jpeg")}
    return service.client.post(URL, files=sent, data=fields or {}, params=params, headers=headers)


def pixels(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    shown = picture(answer.content)
    assert shown.format == "PNG"
    return np.asarray(shown)


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_as_rembgs_documentation_shows_it(service, store, tmp_path):
    (tmp_path / "input.jpg").write_bytes(PHOTO)
    store.put("/input.png", PHOTO)
    asked = {
        "upload": ["-F", f"file=@{tmp_path}/input.jpg", f"{service.base}{URL}"],
        "url": [f"{service.base}{URL}?url={store.base}/input.png"],
        "url and dc": [f"{service.base}{URL}?url={store.base}/input.png&dc=true"],
        "model": ["-F", f"file=@{tmp_path}/input.jpg", "-F", "model=u2netp", f"{service.base}{URL}"],
    }
    for name, words in asked.items():
        output = tmp_path / f"{name}.png"
        subprocess.run(["curl", "-sS", "--fail-with-body", *words, "-o", output], check=True, timeout=60)
        made = np.asarray(Image.open(output))
        assert np.array_equal(made[..., 3], true_mask(PHOTO)), name


def test_the_mask_alone_is_grey(service):
    made = pixels(post(service, {"om": "true"}))
    assert np.array_equal(made, true_mask(PHOTO))
    made = pixels(post(service, {"om": "true", "ppm": "true"}))
    assert np.array_equal(made, true_mask(PHOTO, "binary"))


@pytest.mark.parametrize("where", ["form", "url"])
def test_a_colour_behind(service, where):
    fields = {"bgc": "9,200,77,255"}
    made = pixels(post(service, **{"fields" if where == "form" else "params": fields}))
    assert made[0, 0].tolist()[:3] == [9, 200, 77]
    assert made[24, 32].tolist()[:3] == [200, 30, 40]
    assert made.shape[2] == 3 or made[..., 3].min() == 255


def test_hair_and_decontamination_are_the_librarys(service):
    hair = mk.cutout(PHOTO, source="classical", refine="hair")
    assert np.array_equal(
        pixels(post(service, {"a": "true", "af": "240", "ab": "10", "ae": "40"})), hair.pixels
    )
    assert np.array_equal(pixels(post(service, {"vm": "1"})), hair.pixels)
    clean = mk.cutout(PHOTO, source="classical", decontaminate=1.0)
    assert np.array_equal(pixels(post(service, {"dc": "yes"})), clean.pixels)


def test_what_changes_nothing_is_said(service):
    answer = post(service, {"a": "true", "af": "240", "ab": "10", "ae": "40", "alpha_matting": "true"})
    assert answer.headers["x-maskkit-ignored"] == "ab, ae, af, alpha_matting"
    plain = post(service, {"model": "silueta"})
    assert "x-maskkit-ignored" not in plain.headers
    assert plain.headers["x-mask-source"] == "classical"


def test_prompts_are_hints(service):
    box = [4, 4, 40, 40]
    prompt = {"sam_prompt": [{"type": "rectangle", "data": box, "label": 2}]}
    made = pixels(post(service, {"model": "sam", "extras": json.dumps(prompt)}))
    right = mk.cutout(PHOTO, source="classical", box=tuple(box))
    assert np.array_equal(made, right.pixels)
    points = [
        {"type": "point", "data": [32, 24], "label": 1},
        {"type": "point", "data": [2, 2], "label": 0},
    ]
    recipe = product_of({"extras": json.dumps({"sam_prompt": points})}).recipe
    assert (recipe.keep, recipe.drop) == (((32.0, 24.0),), ((2.0, 2.0),))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"model": "u2nett"}, "did you mean 'u2net'?"),
        ({"model": "u2net_cloth_seg"}, "birefnet-general"),
        ({"model": "u2net_custom", "extras": '{"model_path": "/etc/passwd"}'}, "model: need one of"),
        ({"bgc": "red"}, "bgc: need R,G,B,A"),
        ({"bgc": "1,2,300"}, "bgc: need R,G,B,A"),
        ({"om": "perhaps"}, "om: need true or false"),
        ({"extras": "{"}, "extras: need JSON"),
        ({"extras": '{"sam_prompt": [{"type": "point", "data": [1]}]}'}, "extras: need JSON"),
        ({"extras": '{"sam_prompt": 7}'}, "extras: need JSON"),
    ],
)
def test_what_cannot_be_read_is_400_and_says_what_is_needed(service, fields, told):
    answer = post(service, fields)
    assert answer.status_code == 400
    assert list(answer.json()) == ["detail"]
    assert told in answer.json()["detail"]


def test_no_photo_and_no_picture(service):
    assert service.client.get(URL).status_code == 422
    assert service.client.post(URL, files={"other": PHOTO}).status_code == 422
    answer = service.client.post(URL, files={"file": b"no picture"})
    assert answer.status_code == 400
    assert "is not an image" in answer.json()["detail"]
    assert service.client.put(URL).json().keys() == {"detail"}


def test_urls_pass_the_guard(serving):
    server = serving(policy=Policy())
    for url in ("https://127.0.0.1/x", "http://example.com/x", "file:///etc/passwd", "x"):
        answer = server.client.get(URL, params={"url": url})
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("url: ")


def test_who_may_ask(serving, service, tmp_path):
    secrets = {name: add_client(tmp_path / "clients", name) for name in ("shop", "desk")}
    server = serving(credentials=tmp_path / "clients")
    good = (
        {"X-Api-Key": secrets["shop"]},
        {"Authorization": f"Bearer {secrets['shop']}"},
        {"X-Api-Key": "shop", "Authorization": f"Bearer {secrets['shop']}"},
    )
    assert [post(server, headers=headers).status_code for headers in good] == [200] * 3
    bad = ({}, {"X-Api-Key": "shop"}, {"X-Api-Key": "wrong"})
    assert [post(server, headers=headers).status_code for headers in bad] == [401] * 3
    crossed = {"X-Api-Key": "desk", "Authorization": f"Bearer {secrets['shop']}"}
    assert post(server, headers=crossed).status_code == 403
    assert post(service, headers={"origin": "https://shop.example"}).status_code == 403


def test_the_models_are_rembgs():
    names = pytest.importorskip("rembg.sessions").sessions_names
    elsewhere = {"u2net_cloth_seg", "u2net_custom", "dis_custom", "ben_custom", "atlascloud"}
    assert set(MODELS) == set(names) - elsewhere


def test_a_large_picture_streams(service):
    noise = np.random.default_rng(3).integers(0, 255, (600, 800, 3), np.uint8)
    noise[100:500, 200:600] = (200, 30, 40)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, "JPEG")
    answer = service.client.post(URL, files={"file": stream.getvalue()})
    assert pixels(answer).shape == (600, 800, 4)
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_fields_alone():
    assert product_of({}).space == "rgba"
    assert product_of({"om": "1"}).space == "grey"
    with pytest.raises(PixelError, match="model"):
        product_of({"model": "x"})
