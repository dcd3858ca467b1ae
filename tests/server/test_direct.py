"""The direct doors, the files, and what the server says of itself."""

import io
import logging
import re
import time

import numpy as np
import pytest
from PIL import Image

import maskkit as mk

from .conftest import photo_bytes, picture, true_mask

PHOTO = photo_bytes()


def post(service, door, files=None, **fields):
    return service.client.post(door, files={"photo": PHOTO} | (files or {}), data=fields)


def pixels(answer):
    assert answer.status_code == 200, answer.text
    return np.asarray(picture(answer.content))


def png(array):
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG")
    return stream.getvalue()


def test_mask(service):
    answer = post(service, "/mask")
    assert np.array_equal(pixels(answer), true_mask(PHOTO))
    assert answer.headers["x-mask-source"] == "classical"
    assert 0 <= float(answer.headers["x-mask-confidence"]) <= 1
    assert int(answer.headers["content-length"]) == len(answer.content)


SMALL = png(np.zeros((9, 9), np.uint8))


@pytest.mark.parametrize(
    ("files", "fields", "said"),
    [
        ({"photo": b"none"}, {}, "photo: is not an image"),
        ({"photo": b""}, {}, "photo: is empty"),
        ({"mask": b"none"}, {}, "mask: is not an image"),
        ({"mask": SMALL}, {}, "mask: need 64x48 "),
        ({"backdrop": b"none"}, {}, "backdrop: is not an image"),
        ({"keep_mask": b"none"}, {}, "keep_mask: is not an image"),
        ({"drop_mask": SMALL}, {}, "drop_mask: need 64x48 "),
        ({}, {"keep": "1000,3"}, "keep: need 0 <= x < 64"),
        ({}, {"premultiplied": "true"}, "photo: has no alpha"),
    ],
)
def test_a_refusal_begins_with_the_field_that_it_is_about(service, files, fields, said):
    answer = post(service, "/composite", files, **fields)
    assert (answer.status_code, answer.json()["message"][: len(said)]) == (400, said)


def test_the_edits_are_the_librarys(service):
    edits = {"threshold": 0.4, "grow": 2.5, "feather": 1.5}
    made = pixels(post(service, "/mask", **edits))
    expected = mk.cutout(PHOTO, source="classical", **edits).alpha
    assert np.array_equal(made, expected)


def test_a_mask_of_ones_own(service):
    mask = np.zeros((48, 64), np.uint8)
    mask[10:20, 30:40] = 200
    answer = post(service, "/cutout", {"mask": png(mask)})
    assert np.array_equal(pixels(answer)[..., 3], mask)
    assert answer.headers["x-mask-source"] == "given"
    trimmed = pixels(post(service, "/cutout", {"mask": png(mask)}, trim=True, media_type="image/webp"))
    assert trimmed.shape == (10, 10, 4)


def test_what_the_library_warns_of_stands_in_a_header(service):
    dim, empty, sound = (np.full((48, 64), level, np.uint8) for level in (1, 0, 0))
    dim[0], sound[10:20, 30:40] = 0, 255
    for mask, said in ((dim, "highest level is 1 of 255"), (empty, "the mask is all 0")):
        for door in ("/mask", "/cutout"):
            assert said in post(service, door, {"mask": png(mask)}).headers["x-maskkit-warning"]
    assert "x-maskkit-warning" not in post(service, "/cutout", {"mask": png(sound)}).headers


@pytest.mark.parametrize("ends", ["psd", "ora"])
def test_layers_to_go_on_with(service, ends):
    kind = {"psd": "image/vnd.adobe.photoshop", "ora": "image/openraster"}[ends]
    by_word, by_type = post(service, "/cutout", format=ends), post(service, "/cutout", media_type=kind)
    by_accept = service.client.post("/cutout", files={"photo": PHOTO}, headers={"accept": kind})
    for answer in (by_word, by_type, by_accept):
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert np.array_equal(mk.read_layers(answer.content).layer("subject").mask, true_mask(PHOTO))
    below = png(np.full((48, 64, 3), (7, 8, 9), np.uint8))
    layers = mk.read_layers(post(service, "/composite", {"backdrop": below}, format=ends).content)
    assert [one.name for one in layers.layers] == ["backdrop", "subject"]
    assert layers.layer("backdrop").pixels[0, 0, :3].tolist() == [7, 8, 9]
    assert post(service, "/mask", format=ends).status_code == 422


@pytest.mark.parametrize(
    ("background", "corner"), [("#102030", (16, 32, 48)), ("rgb(1 2 3)", (1, 2, 3)), ("white", (255,) * 3)]
)
def test_composite_over_a_colour(service, background, corner):
    made = pixels(post(service, "/composite", background=background, decontaminate=0))
    assert made[0, 0, :3].tolist() == list(corner)
    assert made[24, 32, 0] == 200


def test_composite_over_a_picture_and_a_blur(service):
    green = np.zeros((20, 20, 3), np.uint8)
    green[..., 1] = 255
    made = pixels(post(service, "/composite", {"backdrop": png(green)}, decontaminate=0))
    assert made[0, 0, :3].tolist() == [0, 255, 0]
    assert pixels(post(service, "/composite", background="blur:3")).shape[:2] == (48, 64)
    assert pixels(post(service, "/composite", background="linear:red;blue")).shape[:2] == (48, 64)


@pytest.mark.parametrize("text", ["/etc/passwd", "tests/secret.png", "file:///etc/passwd", "no colour"])
def test_a_background_is_never_a_path_of_the_server(service, text):
    answer = post(service, "/composite", background=text)
    assert answer.status_code == 400


def test_a_file_of_the_server_cannot_be_fetched_as_a_background(service, tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(photo_bytes())
    assert post(service, "/composite", background=str(path)).status_code == 400


@pytest.mark.parametrize(
    ("door", "fields"),
    [
        ("/mask", {"threshold": 2}),
        ("/mask", {"grow": "nan"}),
        ("/mask", {"feather": -1}),
        ("/mask", {"format": "fuzzy"}),
        ("/cutout", {"media_type": "text/html"}),
        ("/composite", {"decontaminate": 7}),
    ],
)
def test_a_field_out_of_range_is_422(service, door, fields):
    answer = post(service, door, **fields)
    assert answer.status_code == 422
    assert answer.json()["error_code"] == "InputValidationError"
    assert next(iter(fields)) in answer.json()["message"]


def test_uploads_that_are_no_pictures(service):
    def status(photo):
        return service.client.post("/mask", files={"photo": photo}).status_code

    assert status(b"text") == 400
    assert status(b"") == 400
    assert status(PHOTO[:100]) == 400
    assert status(png(np.zeros((2001, 2001), np.uint8))) == 400
    assert status(b"x" * 4_100_000) == 413
    assert service.client.post("/mask", files={"picture": PHOTO}).status_code == 422
    wrong_size = {"mask": png(np.zeros((5, 5), np.uint8))}
    assert post(service, "/cutout", wrong_size).status_code == 400


@pytest.mark.parametrize("door", ["/mask", "/cutout", "/composite"])
@pytest.mark.parametrize("kind", [None, "application/json", "image/png", "application/x-www-form-urlencoded"])
def test_a_door_wants_a_form_with_files(service, door, kind):
    headers = {} if kind is None else {"content-type": kind}
    answer = service.client.post(door, content=b"photo=x", headers=headers)
    assert answer.status_code == 415
    assert "multipart/form-data" in answer.json()["message"]


def test_files_need_their_signature(service):
    pair = service.client.post("/files", params={"media_type": "image/png"}).json()
    get, put = pair["get"]["href"], pair["put"]["href"]
    assert service.client.get(get).status_code == 404
    assert service.client.put(get, content=PHOTO).status_code == 403, "a GET link does not write"
    assert service.client.put(put, content=PHOTO).status_code == 201
    assert service.client.get(put).status_code == 403, "a PUT link does not read"
    answer = service.client.get(get)
    assert (answer.content, answer.headers["content-type"]) == (PHOTO, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert service.client.head(get).headers["content-length"] == str(len(PHOTO))
    forged = get[:-5] + ("A" if get[-5] != "A" else "B") + get[-4:]
    assert service.client.get(forged).status_code == 403
    assert service.client.get(get.partition("?")[0]).status_code == 403
    other = service.client.post("/files").json()["get"]["href"]
    assert service.client.get(other.partition("?")[0] + "?" + get.partition("?")[2]).status_code == 403
    assert service.client.post("/files", params={"media_type": "text/html"}).status_code == 422


@pytest.mark.parametrize(
    "name", ["..%2fsecret", "%2e%2e", "secret", "a" * 32, "a" * 16 + "-" + "a" * 32 + ".sh"]
)
def test_no_other_file_is_served(service, name):
    signature = service.parts.files.signer.sign("GET", name, 60)
    assert service.client.get(f"/files/{name}?sig={signature}").status_code in (403, 404)


def test_a_file_that_is_too_large_leaves_nothing(service):
    before = set((service.settings.data_dir / "files").iterdir())
    put = service.client.post("/files").json()["put"]["href"]
    pieces = (b"x" * 100_000 for _ in range(30))
    assert service.client.put(put, content=pieces).status_code == 413
    assert set((service.settings.data_dir / "files").iterdir()) == before


def test_a_client_without_a_bucket_uses_the_servers_files_for_both_ends(serving):
    from maskkit.server import Policy

    server = serving(policy=Policy())  # the guard admits no loopback; its own files are no connection
    source, target = (server.client.post("/files").json() for _ in range(2))
    server.client.put(source["put"]["href"], content=PHOTO)
    status = server.wait(server.order(source["get"]["href"], target["put"]["href"]))
    assert status["status"] == "succeeded"
    assert picture(server.client.get(target["get"]["href"]).content).size == (64, 48)
    missing = server.client.post("/files").json()["get"]["href"]
    status = server.wait(server.order_v2(missing, mode="mask"))
    assert status["errorDetails"][0]["errorCode"] == "404"


def test_ready_and_metrics(service):
    end = time.monotonic() + 30
    while not service.client.get("/ready").json()["ready"] and time.monotonic() < end:
        time.sleep(0.05)
    assert service.client.get("/ready").json() == {
        "ready": True,
        "database": True,
        "queue": True,
        "files": True,
        "engine": True,
    }
    pair = service.client.post("/files").json()
    service.client.put(pair["put"]["href"], content=PHOTO)
    before = _metrics(service)
    service.wait(service.order_v2(pair["get"]["href"], mode="mask"))
    after = _metrics(service)
    assert after['maskkit_jobs{state="succeeded"}'] == before.get('maskkit_jobs{state="succeeded"}', 0) + 1
    for stage in ("queue", "input", "compute", "output"):
        name = f'maskkit_stage_seconds_count{{stage="{stage}"}}'
        assert after[name] == before.get(name, 0) + 1
    moved = 'maskkit_bytes_total{direction="in"}'
    assert after[moved] - before.get(moved, 0) == len(PHOTO)
    assert after["maskkit_queue_depth"] == 0


def test_uploads_are_counted(service):
    moved = 'maskkit_bytes_total{direction="in"}'
    before = _metrics(service).get(moved, 0)
    post(service, "/composite", {"mask": png(np.zeros((48, 64), np.uint8)), "backdrop": PHOTO})
    assert _metrics(service)[moved] - before == 2 * len(PHOTO) + len(png(np.zeros((48, 64), np.uint8)))


def _metrics(service):
    lines = service.client.get("/metrics").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def _stored(folder):
    """Every byte of the database: pages that are free and the write-ahead log too."""
    return b"".join(path.read_bytes() for path in folder.glob("jobs.sqlite*"))


def test_no_secret_is_in_a_log_or_stays_in_the_table(serving, store, caplog, tmp_path):
    from maskkit.server.credentials import add_client

    caplog.set_level(logging.DEBUG)
    secret = add_client(tmp_path / "clients", "shop")
    server = serving(
        lease=0.9,
        credentials=tmp_path / "clients",
        client={"headers": {"authorization": f"Bearer {secret}", "x-api-key": "shop"}},
    )
    source, bad = store.put("/log.png", PHOTO), store.put("/log-bad.png", b"text")
    store.script["/log-out.png"] = [403]
    for one, other in ((source, "/log-ok.png"), (bad, "/log-ok.png"), (source, "/log-out.png")):
        server.wait(server.order(one, store.url(other)))
    link = server.wait(server.order_v2(source, mode="mask"))["result"]["outputs"][0]["destination"]["url"]
    server.client.get(link)
    # the test's own client and its HTTP library log what they do; the server must not
    said = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore")))
    assert "/sensei/mask" in said
    end = time.monotonic() + 10
    while b"SECRETSIGNATURE" in _stored(tmp_path):
        assert time.monotonic() < end, "a signature stays in the database's files"
        time.sleep(0.05)
    stored = _stored(tmp_path)
    signature = re.search(r"sig=([^&]+)", link)[1]
    for hidden in (secret, "SECRETSIGNATURE", signature):
        assert hidden not in said
    kept = str(
        [server.parts.jobs.get(r, "shop") for r in re.findall(r"[0-9a-f-]{36}", stored.decode("latin-1"))]
    )
    assert "SECRETSIGNATURE" not in kept
    assert signature not in kept
    assert secret.encode() not in stored


@pytest.mark.parametrize("name", ["photo", "mask", "backdrop"])
def test_one_file_may_not_take_the_room_of_all(service, name):
    files = dict.fromkeys(("photo", "mask", "backdrop"), PHOTO)
    files[name] += b"x" * service.settings.max_bytes
    answer = service.client.post("/composite", files=files)
    assert (answer.status_code, answer.json()["error_code"]) == (413, "PayloadTooLarge")
    assert name in answer.json()["message"]


def test_effects_and_placement_are_fields_of_the_form(service):
    mask = np.zeros((48, 64), np.uint8)
    mask[10:30, 20:40] = 255
    asked = {"shadow": "contact;drop,y=4", "outline": "2,color=gold", "canvas": "100x80", "fill": "0.5",
             "position": "bottom"}  # fmt: skip
    made = pixels(post(service, "/composite", {"mask": png(mask)}, background="white", **asked))
    recipe = mk.Recipe(
        backdrop="white", shadow=["contact", "drop,y=4"], outline={"width": 2, "color": "gold"},
        canvas=(100, 80), fill=0.5, position=(0.5, 1.0), product="composite",
    )  # fmt: skip
    assert np.array_equal(made[..., :3], mk.replay(recipe, PHOTO, mask).pixels[..., :3])
    assert pixels(post(service, "/composite", background="checker")).shape[:2] == (48, 64)


@pytest.mark.parametrize(
    ("door", "fields", "status", "said"),
    [
        ("/composite", {"shadow": "drp"}, 422, "did you mean 'drop'"),
        ("/composite", {"outline": "2,color=gren"}, 422, "did you mean 'green'"),
        ("/composite", {"margin": "60%"}, 400, "margin: leaves no room"),
        ("/composite", {"canvas": "90000x90000"}, 400, "canvas: "),
        ("/mask", {"shadow": "drop"}, 400, "shadow: is no option of this form"),
        ("/mask", {"preset": "square"}, 400, "preset: is no option of this form"),
    ],
)
def test_what_the_form_refuses_of_effects_and_placement(service, door, fields, status, said):
    answer = post(service, door, **fields)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
