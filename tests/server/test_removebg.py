"""remove.bg's contract: its fields, answers, errors and limits, on a real socket."""

import base64
import io
import itertools
import json
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import numpy as np
import pytest
from PIL import Image, ImageCms

import maskkit as mk
from maskkit.server import Policy
from maskkit.server.credentials import add_client
from maskkit.server.removebg import FieldError, Length, read_fields
from maskkit.server.removebg_picture import fitted

from .conftest import photo_bytes, picture, true_mask

PHOTO = photo_bytes()
LARGE = photo_bytes(1000, 800)
URL = "/v1.0/removebg"


def post(service, fields=None, photo=PHOTO, headers=None):
    files = {} if photo is None else {"image_file": ("upload.png", photo, "application/octet-stream")}
    return service.client.post(URL, files=files, data=fields or {}, headers=headers)


def rgba(answer):
    assert answer.status_code == 200, answer.text
    return np.asarray(picture(answer.content).convert("RGBA"))


def refused(answer, status, code):
    assert answer.status_code == status, answer.text
    (error,) = answer.json()["errors"]
    assert error["code"] == code, error
    assert error["title"]
    assert all(isinstance(value, str) for value in error.values())
    assert answer.headers["access-control-allow-origin"] == "*"
    return error


def box_of(alpha):
    return mk.masks.bounding_box(alpha, 0.02)


# ---- the answer


def test_the_cutout_is_the_librarys(service):
    answer = post(service)
    made = rgba(answer)
    assert answer.headers["content-type"] == "image/png"
    assert np.array_equal(made[..., 3], true_mask(PHOTO))
    assert not made[made[..., 3] == 0].any()
    own = np.asarray(picture(PHOTO))
    assert np.array_equal(made[made[..., 3] == 255][:, :3], own[made[..., 3] == 255])
    said = answer.headers
    assert (said["x-width"], said["x-height"], said["x-credits-charged"], said["x-type"]) == (
        "64",
        "48",
        "0",
        "other",
    )
    left, top, right, bottom = box_of(made[..., 3])
    box = {"left": left, "top": top, "width": right - left, "height": bottom - top}
    assert {name: int(said[f"x-foreground-{name}"]) for name in box} == box
    assert "content-encoding" not in said


@pytest.mark.parametrize(
    ("accept", "as_json"),
    [
        ("*/*", False),
        ("image/png", False),
        ("application/json", True),
        ("application/json, text/plain, */*", False),
        ("image/png, application/json", False),
    ],
)
def test_what_accept_asks_for(service, accept, as_json):
    answer = post(service, headers={"accept": accept})
    assert answer.headers["content-type"].startswith("application/json" if as_json else "image/png")
    if as_json:
        data = answer.json()["data"]
        assert set(data) == {
            "result_b64",
            *(f"foreground_{end}" for end in ("top", "left", "width", "height")),
        }
        assert base64.b64decode(data["result_b64"]) == post(service).content


@pytest.mark.parametrize("how", ["json", "form", "multipart", "data URL"])
def test_the_three_kinds_of_body_and_base64(service, how):
    coded = base64.b64encode(PHOTO).decode()
    fields = {"image_file_b64": coded, "size": "auto", "crop": False}
    if how == "data URL":
        fields["image_file_b64"] = f"data:image/png;base64,{coded}"
    sent = {"files": {"x": b""}} if how == "multipart" else {}
    body = {"json": fields} if how in ("json", "data URL") else {"data": fields | {"crop": "false"}, **sent}
    answer = service.client.post(URL, **body)
    assert answer.content == post(service).content


@pytest.mark.parametrize("how", ["lines", "no padding", "urlsafe", "unescaped"])
def test_base64_as_it_comes(service, how):
    photo = photo_bytes(67, 48)
    coded = base64.b64encode(photo).decode()
    assert coded.endswith("=")
    assert "+" in coded
    bodies = {
        "lines": {"json": {"image_file_b64": base64.encodebytes(photo).decode()}},
        "no padding": {"json": {"image_file_b64": coded.rstrip("=")}},
        "urlsafe": {"json": {"image_file_b64": base64.urlsafe_b64encode(photo).decode()}},
        "unescaped": {"content": f"image_file_b64={coded}".encode()},
    }
    kind = {"content-type": "application/x-www-form-urlencoded"} if how == "unescaped" else None
    assert service.client.post(URL, **bodies[how], headers=kind).content == post(service, photo=photo).content


@pytest.mark.parametrize(
    "disposition",
    [
        'name="image_file"',
        "name=\"image_file\"; filename*=UTF-8''%E2%82%AC.png",
        "name=image_file; filename=a.png",
        'name="image_file"; filename=""',
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_file_part_needs_no_files_name(service, disposition, kind):
    """`requests` with the name None, Go's CreateFormField, Ruby's and PHP's strings send none."""
    photo = photo_bytes(format=kind)
    body = f"--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + photo + b"\r\n--B--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=B"}
    answer = service.client.post(URL, content=body, headers=headers)
    assert answer.content == post(service, photo=photo).content
    assert answer.status_code == 200


def test_a_text_where_a_file_is_needed_is_named(service):
    for text in ("photo.png", "h\xe9", "\u20ac"):
        error = refused(service.client.post(URL, json={"image_file": text}), 400, "invalid_file_type")
        assert error["detail"] == "image_file: need a file"


@pytest.mark.parametrize("fields", [{}, {"data": {"size": "auto"}}])
def test_a_compressed_body_is_named(service, fields):
    coded = {"content-encoding": "gzip"}
    answer = service.client.post(URL, files={"image_file": PHOTO}, headers=coded, **fields)
    assert "Content-Encoding" in refused(answer, 400, "invalid_body")["title"]


def test_a_body_of_another_type_is_named(service):
    for kind in ("image/png", "text/plain"):
        answer = service.client.post(URL, content=PHOTO, headers={"content-type": kind})
        assert kind in refused(answer, 400, "missing_source")["detail"]


def test_what_the_library_warns_of_stands_in_a_header(service):
    stream = io.BytesIO()
    picture(PHOTO).convert("CMYK").save(stream, "JPEG")
    for accept in ("*/*", "application/json"):
        answer = post(service, photo=stream.getvalue(), headers={"accept": accept})
        assert "CMYK without a profile" in answer.headers["x-maskkit-warning"]
    assert "x-maskkit-warning" not in post(service).headers


@pytest.mark.parametrize("how", ["json", "data"])
def test_thirty_megabytes_of_base64_pass(serving, how):
    server = serving()
    noise = np.random.default_rng(1).integers(0, 255, (2700, 2800, 3), np.uint8)
    noise[500:2000, 500:2000] = (200, 30, 40)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, "TIFF")
    coded = base64.b64encode(stream.getvalue()).decode()
    assert len(coded) > 30_000_000
    answer = server.client.post(URL, **{how: {"image_file_b64": coded}}, timeout=120)
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["x-ratelimit-remaining"]) == 500 - 8


@pytest.mark.parametrize(
    ("size", "most"),
    [("preview", 0.25), ("regular", 0.25), ("", 0.25), ("medium", 1.5), ("auto", 25), ("50MP", 50)],
)
def test_sizes_shrink_and_never_enlarge(service, size, most):
    shown = picture(post(service, {"size": size}, LARGE).content).size
    assert shown[0] * shown[1] <= most * 1e6
    assert shown == (1000, 800) if most > 0.8 else shown == (559, 447)
    assert picture(post(service, {"size": size}).content).size == (64, 48)


def test_the_zip(service):
    answer = post(service, {"format": "zip"})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        parts = archive.infolist()
        assert [part.filename for part in parts] == ["color.jpg", "alpha.png"]
        assert {part.compress_type for part in parts} == {zipfile.ZIP_STORED}
        colour, alpha = (Image.open(io.BytesIO(archive.read(part))) for part in parts)
        assert (colour.mode, alpha.mode, colour.size) == ("RGB", "L", alpha.size)
        assert np.array_equal(np.asarray(alpha), true_mask(PHOTO))
        hidden = np.asarray(alpha) == 0
        off = np.abs(np.asarray(colour)[hidden].astype(int) - np.asarray(picture(PHOTO))[hidden])
        assert off.mean() < 8  # the photo's own ground, but for JPEG's noise


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "PNG"),
        ({"format": "auto", "bg_color": "fff"}, "JPEG"),
        ({"format": "auto", "bg_color": "ffffff80"}, "PNG"),
        ({"format": "png", "bg_color": "green"}, "PNG"),
        ({"format": "jpg"}, "JPEG"),
        ({"format": "webp"}, "WEBP"),
    ],
)
def test_formats(service, fields, kind):
    assert picture(post(service, fields).content).format == kind


def test_the_alpha_alone(service):
    shown = picture(post(service, {"channels": "alpha"}).content)
    assert shown.mode == "L"
    assert np.array_equal(np.asarray(shown), true_mask(PHOTO))


@pytest.mark.parametrize("colour", ["81d4fa", "#81d4fa", "green", "fff"])
def test_a_colour_behind(service, colour):
    made = rgba(post(service, {"bg_color": colour, "format": "png"}))
    css = colour if colour == "green" else f"#{colour.lstrip('#')}"
    corner = mk.backdrop.from_text(css, (1, 1))[0, 0]
    assert made[0, 0, :3].tolist() == corner[:3].tolist()
    assert made[..., 3].min() == 255


def test_a_picture_behind_covers_the_canvas(service):
    behind = io.BytesIO()
    Image.new("RGB", (10, 40), (9, 200, 77)).save(behind, "PNG")
    files = {"image_file": PHOTO, "bg_image_file": behind.getvalue()}
    made = rgba(service.client.post(URL, files=files, data={"format": "png"}))
    assert made.shape == (48, 64, 4)
    assert made[0, 0].tolist() == made[-1, -1].tolist() == [9, 200, 77, 255]


def test_roi_keeps_the_canvas_and_removes_what_lies_outside(service):
    made = rgba(post(service, {"roi": "0 0 50% 100%"}))
    assert made.shape == (48, 64, 4)
    assert not made[:, 32:, 3].any()
    assert np.array_equal(rgba(post(service, {"roi": "0 0 100% 100%"})), rgba(post(service)))
    assert np.array_equal(rgba(post(service, {"roi": "0px 0px 64px 48px"})), rgba(post(service)))


@pytest.mark.parametrize(
    ("margin", "grown"),
    [("0", (0, 0, 0, 0)), ("30px", (30,) * 4), ("10% 4px", (3, 4, 3, 4)), ("1px 2px 3px 4px", (1, 2, 3, 4))],
)
def test_crop_with_margins(service, margin, grown):
    left, top, right, bottom = box_of(true_mask(PHOTO))
    answer = post(service, {"crop": "true", "crop_margin": margin})
    made = rgba(answer)
    assert made.shape[:2] == (bottom - top + grown[0] + grown[2], right - left + grown[1] + grown[3])
    assert (int(answer.headers["x-foreground-top"]), int(answer.headers["x-foreground-left"])) == (
        grown[0],
        grown[3],
    )
    inside = made[grown[0] : grown[0] + bottom - top, grown[3] : grown[3] + right - left, 3]
    assert np.array_equal(inside, true_mask(PHOTO)[top:bottom, left:right])


@pytest.mark.parametrize(
    ("position", "x", "y"), [("", 0.5, 0.5), ("0%", 0, 0), ("100% 0%", 1, 0), ("center", 0.5, 0.5)]
)
def test_scale_and_position(service, position, x, y):
    made = rgba(post(service, {"scale": "50%", "position": position}))[..., 3]
    assert made.shape == (48, 64)
    left, top, right, bottom = box_of(made)
    assert abs((bottom - top) - 24) <= 1
    assert abs(left - x * (64 - (right - left))) <= 1
    assert abs(top - y * (48 - (bottom - top))) <= 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"shadow_type": "drop"}, None),
        ({"shadow_type": "auto"}, "drop"),
        ({"shadow_type": "car"}, "contact"),
        ({"add_shadow": "true"}, "contact"),
        ({"shadow_type[car]": "3D", "shadow_opacity": "50"}, "cast"),
    ],
)
def test_shadows_are_the_nearest_effects_and_it_is_said(service, fields, told):
    answer = post(service, fields)
    plain, made = rgba(post(service)), rgba(answer)
    assert answer.headers.get("x-maskkit-shadow") == told
    clear, whole = np.zeros_like(plain), plain[..., 3] == 255
    effect = {"contact": mk.effects.contact_shadow, "cast": mk.effects.cast_shadow}.get(
        told, mk.effects.drop_shadow
    )
    shadow = effect(clear, plain[..., 3], opacity=0.9 if told == "contact" else 0.5)
    below = (plain[..., 3] == 0) & (shadow[..., 3] > 0)
    assert below.any()
    assert not made[below][:, :3].any()  # black
    assert np.array_equal(made[below], shadow[below])
    assert np.array_equal(made[whole], plain[whole])
    assert np.array_equal(rgba(post(service, {**fields, "shadow_opacity": "0"})), plain)


def test_the_profile_is_handed_on_and_the_photo_stands_upright(service):
    turned = Image.open(io.BytesIO(PHOTO)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stream = io.BytesIO()
    turned.save(stream, "TIFF", exif=exif, icc_profile=profile)
    shown = picture(post(service, photo=stream.getvalue()).content)
    assert shown.size == (64, 48)
    assert shown.info["icc_profile"] == profile


def test_jpeg_is_another_word_for_jpg(service):
    assert post(service, {"format": "jpeg"}).content == post(service, {"format": "jpg"}).content


def test_empty_values_are_absent_and_unknown_fields_pass(service):
    names = (
        "type_level",
        "roi",
        "crop",
        "crop_margin",
        "scale",
        "position",
        "add_shadow",
        "semitransparency",
        "bg_color",
    )
    assert (
        post(service, dict.fromkeys(names, "") | {"image_url": "", "api_key": "x"}).content
        == post(service).content
    )


def test_accepted_values_that_change_nothing(service):
    fields = {"type": "graphic", "type_level": "none", "semitransparency": "false", "shadow_method": "legacy"}
    answer = post(service, fields)
    assert answer.content == post(service).content
    assert "x-type" not in answer.headers


# ---- errors


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"size": "huge"}, "invalid_size"),
        ({"size": "50mp"}, "invalid_size"),
        ({"format": "gif"}, "invalid_format"),
        ({"type": "house"}, "invalid_type"),
        ({"type_level": "7"}, "invalid_type_level"),
        ({"channels": "rgb"}, "invalid_channels"),
        ({"roi": "1 2 3"}, "invalid_roi"),
        ({"roi": "0 0 200% 1%"}, "roi_exceeds_bounds"),
        ({"roi": "0 0 65px 10px"}, "roi_exceeds_bounds"),
        ({"roi": "9px 9px 9px 20px"}, "roi_region_empty"),
        ({"crop": "maybe"}, "invalid_crop"),
        ({"crop_margin": "1px 2px 3px"}, "invalid_crop_margin"),
        ({"crop_margin": "-4px"}, "invalid_crop_margin"),
        ({"scale": "5%"}, "invalid_scale"),
        ({"scale": "20px"}, "invalid_scale"),
        ({"position": "200%"}, "invalid_position"),
        ({"bg_color": "nocolour"}, "invalid_bg_color"),
        ({"shadow_type": "natural"}, "invalid_shadow_type"),
        ({"shadow_opacity": "101"}, "invalid_shadow_opacity"),
        ({"semitransparency": "some"}, "invalid_semitransparency"),
        ({"bg_color": "fff", "bg_image_url": "https://example.com/a.png"}, "multiple_bg_sources"),
        ({"image_url": "https://example.com/a.png"}, "multiple_sources"),
        ({"bg_image_url": "ftp://example.com/a.png"}, "invalid_bg_image_url"),
    ],
)
def test_a_wrong_value_is_400_in_the_contracts_words(service, fields, code):
    refused(post(service, fields), 400, code)


def test_numbers_count_as_sources(service):
    coded = base64.b64encode(PHOTO).decode()
    both = {"image_file_b64": coded, "bg_color": 112233, "bg_image_url": "https://example.com/a.png"}
    refused(service.client.post(URL, json=both), 400, "multiple_bg_sources")
    refused(service.client.post(URL, json={"image_file_b64": coded, "image_url": 5}), 400, "multiple_sources")
    absent = {"image_file_b64": coded, "image_url": None, "bg_image_url": False, "bg_color": "fff"}
    assert service.client.post(URL, json=absent).status_code == 200


def test_no_photo_and_no_picture(service):
    refused(post(service, photo=None, fields={"image_base64": "AAAA"}), 400, "missing_source")
    refused(service.client.post(URL), 400, "missing_source")
    refused(post(service, photo=PHOTO[:90]), 400, "failed_to_read_image")
    refused(service.client.post(URL, json={"image_file_b64": "%%%"}), 400, "failed_to_read_image")
    refused(
        service.client.post(URL, content=b"{", headers={"content-type": "application/json"}),
        400,
        "invalid_json",
    )


def test_files_of_another_type_are_named(service):
    error = refused(post(service, photo=b"no picture at all"), 400, "invalid_file_type")
    assert "PNG" in error["detail"]
    error = refused(post(service, photo=b"8BPS\0\1" + bytes(40)), 400, "invalid_file_type")
    assert "received a PSD file" in error["detail"]


@pytest.mark.parametrize(("most", "size"), [(4_000_000, (2001, 2000)), (100_000_000, (8000, 6251))])
def test_too_many_pixels_are_named(serving, most, size):
    server = serving(max_pixels=most)
    stream = io.BytesIO()
    Image.new("1", size).save(stream, "PNG")
    error = refused(post(server, photo=stream.getvalue()), 400, "resolution_too_high")
    limit = {4_000_000: "4.0 megapixels, the limit is 4", 100_000_000: "50.0 megapixels, the limit is 50"}
    assert limit[most] in error["detail"]


@pytest.mark.parametrize(
    ("size", "most", "right"),
    [
        ((4875, 3120), 4.0, (2500, 1600)),
        ((6250, 4000), 0.25, (625, 400)),
        ((8000, 6250), 25.0, (5656, 4419)),
        ((2000, 2000), 4.0, (2000, 2000)),
        ((10_000_000, 1), 0.25, (250_000, 1)),
    ],
)
def test_sizes_are_exact(size, most, right):
    width, height = fitted(size, round(most * 1e6))
    assert (width, height) == right
    assert width * height <= most * 1e6
    if min(right) > 1 and right != size:  # the next larger one of these proportions would be too large
        assert (width + 1) ** 2 * size[1] > most * 1e6 * size[0]
        assert (height + 1) ** 2 * size[0] > most * 1e6 * size[1]


def test_nothing_to_cut_out(service):
    stream = io.BytesIO()
    Image.new("RGBA", (40, 30), (200, 100, 50, 0)).save(stream, "PNG")
    refused(service.client.post(URL, files={"image_file": stream.getvalue()}), 400, "unknown_foreground")


def test_the_frameworks_own_refusals_have_the_contracts_form(service):
    refused(service.client.get("/v1.0/nowhere"), 404, "not_found")
    refused(service.client.get(URL), 405, "method_not_allowed")
    refused(post(service, photo=bytes(5_000_000)), 400, "file_too_large")
    refused(
        service.client.post(URL, content=b"--", headers={"content-type": "multipart/form-data"}),
        400,
        "invalid_body",
    )


def test_urls_pass_the_guard(serving):
    seen = []

    class Store(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200 if self.path == "/photo" else 404)
            self.end_headers()
            self.wfile.write(PHOTO)

        def log_message(self, *_):
            pass

    store = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    thread = threading.Thread(target=store.serve_forever)
    thread.start()
    try:
        base = f"http://127.0.0.1:{store.server_port}"
        server = serving()
        there = server.client.post(URL, data={"image_url": f"{base}/photo"})
        assert np.array_equal(rgba(there)[..., 3], true_mask(PHOTO))
        error = refused(
            server.client.post(URL, json={"image_url": f"{base}/gone"}), 400, "failed_image_download"
        )
        assert "404" in error["title"]
        refused(server.client.post(URL, json={"image_url": "no url"}), 400, "invalid_image_url")
    finally:
        store.shutdown()
        thread.join()
        store.server_close()
    assert seen == ["/photo", "/gone"]


def test_inner_addresses_are_not_fetched(serving):
    server = serving(policy=Policy())
    for url in ("https://127.0.0.1/x", "https://169.254.1.1/x", "http://example.com/x"):
        refused(server.client.post(URL, json={"image_url": url}), 400, "failed_image_download")


# ---- keys, limits, repeats


def test_keys(serving, tmp_path):
    secret = add_client(tmp_path / "clients", "shop")
    server = serving(credentials=tmp_path / "clients")
    for headers in ({"X-Api-Key": secret}, {"x-api-key": secret}, {"Authorization": f"Bearer {secret}"}):
        assert post(server, headers=headers).status_code == 200
        assert server.client.get("/v1.0/account", headers=headers).status_code == 200
    for path in (URL, "/v1.0/improve"):
        wrong = server.client.post(path, content=b"not even a form", headers={"x-api-key": "wrong"})
        assert refused(wrong, 403, "auth_failed")["title"] == "API Key invalid"
        assert refused(server.client.post(path), 403, "auth_failed")["title"] == "Missing API Key"
    refused(server.client.get("/v1.0/account", headers={"x-api-key": "shop"}), 403, "auth_failed")


def test_the_account_has_exactly_its_members_and_stops_nobody(service):
    attributes = service.client.get("/v1.0/account").json()["data"]["attributes"]
    assert set(attributes) == {"credits", "api"}
    assert set(attributes["credits"]) == {"subscription", "payg", "enterprise", "total"}
    assert attributes["api"] == {"free_calls": 0, "sizes": "all"}
    assert attributes["credits"]["total"] > 1000


def test_improve_wants_a_photo(service):
    def improve(photo=None, **sent):
        files = None if photo is None else {"image_file": photo}
        return service.client.post("/v1.0/improve", files=files, **sent)

    refused(improve(), 400, "missing_source")
    refused(improve(data={"tag": "shoes"}), 400, "missing_source")
    refused(improve(PHOTO, data={"image_url": "https://example.com/a.png"}), 400, "multiple_sources")
    refused(improve(b"no picture"), 400, "invalid_file_type")
    refused(improve(json={"image_file_b64": "%%%"}), 400, "failed_to_read_image")
    refused(improve(bytes(2_000_001)), 400, "file_too_large")
    assert improve(json={"image_url": "https://example.com/a.png"}).status_code == 200


def test_improve_keeps_nothing(service):
    before = sorted(service.settings.data_dir.rglob("*"))
    answer = service.client.post("/v1.0/improve", files={"image_file": PHOTO})
    assert list(answer.json()) == ["id"]
    assert answer.headers["x-maskkit-kept"] == "nothing"
    assert sorted(service.settings.data_dir.rglob("*")) == before


def test_the_limit_of_a_minute(serving):
    server = serving(units_per_minute=2)
    refused(post(server, {"size": "wrong"}), 400, "invalid_size")
    left = [post(server, {"crop_margin": f"{n}px"}).headers["x-ratelimit-remaining"] for n in (1, 2)]
    assert left == ["1", "0"]  # the error cost nothing
    answer = post(server)
    refused(answer, 429, "rate_limit_exceeded")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert answer.headers["x-ratelimit-limit"] == "2"


def test_the_limit_holds_for_requests_that_come_at_once(serving):
    server = serving(units_per_minute=3)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: post(server, {"crop_margin": f"{n}px"}), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 5
    assert len({answer.headers["x-ratelimit-reset"] for answer in answers}) == 1


def test_equal_requests_are_computed_once(serving):
    server = serving(units_per_minute=100)
    answers = [post(server, {"scale": "70%"}) for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["99"] * 3
    assert post(server, {"scale": "71%"}).headers["x-ratelimit-remaining"] == "98"


def test_pages_of_other_sites_may_ask(service):
    origin = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    preflight = service.client.options(URL, headers=origin | {"access-control-request-headers": "x-api-key"})
    assert preflight.status_code == 204
    assert "x-api-key" in preflight.headers["access-control-allow-headers"]
    answer = post(service, headers={"origin": "https://shop.example"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    elsewhere = service.client.post(
        "/cutout", files={"photo": PHOTO}, headers={"origin": "https://shop.example"}
    )
    assert elsewhere.status_code == 403


def test_a_name_that_is_not_loopback_is_not_answered_without_keys(service):
    refused(httpx.get(f"{service.base}/v1.0/account", headers={"host": "shop.example"}), 403, "auth_failed")


# ---- the fields alone


def test_margins_are_capped_and_read_in_all_forms():
    assert read_fields({"crop_margin": "90% 900px"}).margin == (
        Length(50, True), Length(500, False), Length(50, True), Length(500, False),
    )  # fmt: skip


def test_json_types_and_words_are_the_same():
    words = {"crop": "true", "semitransparency": "false", "shadow_opacity": "30", "shadow_type": "drop"}
    typed = {"crop": True, "semitransparency": False, "shadow_opacity": 30, "shadow_type": "drop"}
    assert read_fields(words) == read_fields(json.loads(json.dumps(typed)))


def test_numbers_of_json_are_their_digits():
    assert read_fields({"bg_color": 11223344}).background == "#11223344"
    assert read_fields({"bg_color": 112233}).background == "#112233"
    assert read_fields({"shadow_type": "drop", "shadow_opacity": 12.5}).shadow_opacity == 0.125
    with pytest.raises(FieldError, match="bg_color"):
        read_fields({"bg_color": 10**12})


def test_png_has_ten_megapixels_at_most():
    assert read_fields({"size": "50MP", "format": "png"}).megapixels == 10
    assert read_fields({"size": "50MP", "format": "webp"}).megapixels == 50


@pytest.mark.parametrize("name", ["roi", "crop_margin", "scale", "position"])
def test_odd_lengths_are_field_errors(name):
    for text, times in itertools.product(
        ("1e5px", "nan%", "\u0661px", "5 px", "--", "9" * 50, "1%" * 500), (1, 4)
    ):
        with pytest.raises(FieldError, match=name):
            read_fields({name: " ".join([text] * times)})
