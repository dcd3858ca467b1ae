"""What Accept admits, by RFC 9110."""

import numpy as np
import pytest

from maskkit.server.accepting import best

from .conftest import photo_bytes, picture

PHOTO = photo_bytes()
OFFERED = ("image/png", "image/webp", "image/jpeg")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", "image/png"),
        ("*/*", "image/png"),
        ("image/*", "image/png"),
        ("image/jpeg", "image/jpeg"),
        ("IMAGE/JPEG", "image/jpeg"),
        ("image/jpeg;q=0.5, image/webp;q=0.9", "image/webp"),
        ("image/png;q=0, image/*", "image/webp"),
        ("image/*;q=0.1, image/jpeg;level=1;q=0.2", "image/jpeg"),
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "image/png"),
        ("application/json, text/plain, */*", "image/png"),
        ("image/gif", None),
        ("image/png;q=0", None),
        ("image/png;q=no", None),
        (", ,", "image/png"),
    ],
)
def test_the_best(accept, wanted):
    assert best(accept, OFFERED) == wanted


@pytest.mark.parametrize(
    ("door", "accept", "kind"),
    [
        ("/composite", "image/jpeg", "JPEG"),
        ("/composite", "image/webp", "WEBP"),
        ("/cutout", "image/webp, */*;q=0.1", "WEBP"),
        ("/cutout", "*/*", "PNG"),
        ("/mask", "image/png", "PNG"),
    ],
)
def test_the_direct_doors_honour_it(service, door, accept, kind):
    answer = service.client.post(door, files={"photo": PHOTO}, headers={"accept": accept})
    assert answer.status_code == 200, answer.text
    assert picture(answer.content).format == kind
    assert answer.headers["content-type"] == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    ("door", "accept", "fields"),
    [
        ("/cutout", "image/jpeg", {}),
        ("/mask", "image/jpeg", {}),
        ("/cutout", "application/json", {}),
        ("/cutout", "image/webp", {"media_type": "image/png"}),
    ],
)
def test_what_cannot_be_had_is_406_and_says_what_there_is(service, door, accept, fields):
    answer = service.client.post(door, files={"photo": PHOTO}, data=fields, headers={"accept": accept})
    assert answer.status_code == 406
    assert "image/png" in answer.text
    assert accept in answer.text


def test_a_jpeg_of_a_composite_has_its_background(service):
    fields = {"background": "#0000ff", "media_type": "image/jpeg"}
    made = service.client.post("/composite", files={"photo": PHOTO}, data=fields)
    shown = np.asarray(picture(made.content)).astype(int)
    assert abs(shown[0, 0] - (0, 0, 255)).max() <= 4
    refused = service.client.post("/cutout", files={"photo": PHOTO}, data={"media_type": "image/jpeg"})
    assert refused.status_code == 422
    assert "JPEG holds no alpha" in refused.text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"data": {"fether": "20"}}, "fether: is no option of this form; did you mean 'feather'?"),
        ({"data": {"model": "u2net"}}, "model: is no option of this form"),
        ({"params": {"format": "binary"}}, "format: belongs into the form, not into the URL"),
        ({"params": {"fether": "20"}}, "fether: is no option of this URL; did you mean 'feather'?"),
    ],
)
def test_unknown_members_are_named(service, sent, told):
    answer = service.client.post("/cutout", files={"photo": PHOTO}, **sent)
    assert answer.status_code == 400
    assert told in answer.json()["title"] if "title" in answer.json() else told in answer.text
