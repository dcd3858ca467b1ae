"""Pictures with different profiles are brought to one space before they are mixed."""

import base64
import io

import numpy as np
import pytest
from cli_process import maskkit
from oracle import files
from PIL import Image, ImageCms

import maskkit as mk
from maskkit.codec.matrix_profiles import SRGB_CURVE, matrix_profile

D65 = (0.3127, 0.3290)
P3 = matrix_profile("Display P3", (D65, (0.68, 0.32), (0.265, 0.69), (0.15, 0.06)), SRGB_CURVE)
CSS = (102, 153, 204)


def seen(pixels, icc):
    """The sRGB that littleCMS says the picture shows."""
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    if icc is None:
        return np.asarray(image)
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    return np.asarray(
        ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), renderingIntent=1)
    )


def half(colour, icc):
    """A cutout that is opaque on the left and clear on the right."""
    pixels = np.full((4, 8, 4), (*colour, 255), np.uint8)
    pixels[:, 4:, 3] = 0
    return mk.Picture(pixels, icc)


def test_a_css_colour_is_srgb_whatever_the_photo():
    made = mk.cutout(half((200, 90, 40), P3)).over("rgb(102 153 204)")
    assert made.icc == P3
    np.testing.assert_array_equal(made.pixels[:, :4, :3], np.full((4, 4, 3), (200, 90, 40)))
    np.testing.assert_allclose(seen(made.pixels, made.icc)[:, 4:], np.full((4, 4, 3), CSS), atol=1)
    deep = mk.Picture(half((200, 90, 40), P3).pixels.astype(np.uint16) * 257, P3)
    wide = mk.cutout(deep).over("rgb(102 153 204)").pixels
    assert wide.dtype == np.uint16
    np.testing.assert_allclose(wide[:, 4:, :3] / 257, made.pixels[:, 4:, :3], atol=0.6)


@pytest.mark.parametrize(("icc", "other"), [(P3, None), (None, P3), (P3, files.adobe_rgb_profile())])
def test_a_backdrop_file_keeps_its_look(icc, other):
    below = np.full((4, 8, 3), CSS, np.uint8)
    backdrop = files.saved(below, "PNG", **({"icc_profile": other} if other else {}))
    made = mk.cutout(half((200, 90, 40), icc)).over(io.BytesIO(backdrop))
    assert made.icc == icc
    np.testing.assert_allclose(seen(made.pixels, icc)[:, 4:], seen(below, other)[:, 4:], atol=2)
    got = mk.composite(half((200, 90, 40), icc), backdrop)
    np.testing.assert_array_equal(got, made.pixels[..., :3])
    np.testing.assert_array_equal(mk.over(half((200, 90, 40), icc), backdrop), got)


def test_both_in_a_space_that_is_asked_for():
    below = files.saved(np.full((4, 8, 3), CSS, np.uint8), "PNG", icc_profile=P3)
    source = half((200, 90, 40), files.adobe_rgb_profile())
    made = mk.cutout(source).over(io.BytesIO(below), profile="srgb")
    assert made.icc is None
    want = np.hstack([seen(source.pixels, source.icc)[:, :4], seen(np.full((4, 4, 3), CSS, np.uint8), P3)])
    np.testing.assert_allclose(made.pixels, want, atol=1)
    np.testing.assert_array_equal(mk.composite(source, below, profile="srgb"), made.pixels)
    assert mk.cutout(source).over("white", profile=P3).icc == P3
    with pytest.raises(mk.PixelError, match="profile: need 'srgb'"):
        mk.composite(source, below, profile=b"x")


def test_arrays_have_no_profile_and_one_profile_changes_nothing():
    below = np.full((4, 8, 3), CSS, np.uint8)
    source = half((200, 90, 40), P3)
    for backdrop in (below, files.saved(below, "PNG", icc_profile=P3)):
        np.testing.assert_array_equal(mk.composite(source, backdrop)[:, 4:], below[:, 4:])
    np.testing.assert_array_equal(mk.cutout(source).over(below).pixels[:, 4:], below[:, 4:])
    blurred = mk.cutout(half(CSS, P3)).over("blur:2")
    np.testing.assert_array_equal(blurred.pixels, np.full((4, 8, 3), CSS))


def test_a_profile_of_tables_in_16_bits_is_refused():
    lut = P3.replace(b"rTRC", b"A2B0")
    deep = mk.Picture(np.full((2, 2, 4), 9000, np.uint16), lut)
    with pytest.raises(mk.CodecError, match="16 bits and a profile of tables"):
        mk.cutout(deep).over("red")


def test_a_recipe_keeps_the_backdrops_profile():
    below = mk.Picture(np.full((4, 8, 3), CSS, np.uint8), P3)
    recipe = mk.Recipe(backdrop=below)
    assert recipe != mk.Recipe(backdrop=mk.Picture(below.pixels))
    again = mk.Recipe.from_json(recipe.to_json())
    assert again == recipe
    made = mk.replay(again, half((200, 90, 40), P3))
    np.testing.assert_array_equal(made.pixels[:, 4:, :3], below.pixels[:, 4:])
    made = mk.replay(again, half((200, 90, 40), None))
    np.testing.assert_allclose(made.pixels[:, 4:, :3], seen(below.pixels, P3)[:, 4:], atol=1)


def test_the_command_line(tmp_path):
    photo, mask, behind = (tmp_path / name for name in ("photo.png", "mask.png", "behind.png"))
    source = half((200, 90, 40), P3)
    mk.write(photo, mk.Picture(source.pixels[..., :3], P3))
    mk.write(mask, np.ascontiguousarray(source.pixels[..., 3]))
    mk.write(behind, np.full((4, 8, 3), CSS, np.uint8))
    for number, backdrop in enumerate(("rgb(102,153,204)", behind)):
        out = tmp_path / f"{number}.png"
        maskkit("composite", photo, "-m", mask, "-b", backdrop, "-o", out)
        made = Image.open(out)
        shown = seen(np.asarray(made), made.info["icc_profile"])
        np.testing.assert_allclose(shown[:, 4:], np.full((4, 4, 3), CSS), atol=1)


def test_the_server():
    from maskkit.server.compute import Inputs, Product, make

    source = half((200, 90, 40), P3)
    photo = mk.encode(mk.Picture(source.pixels[..., :3], P3), "png")
    mask = mk.encode(np.ascontiguousarray(source.pixels[..., 3]), "png")
    behind = mk.encode(np.full((4, 8, 3), CSS, np.uint8), "png")
    for recipe, backdrop in (
        (mk.Recipe(product="composite", backdrop="rgb(102 153 204)"), None),
        (mk.Recipe(product="composite"), behind),
    ):
        made = mk.read(make(Inputs(photo, mask, backdrop), Product(recipe), "auto", 10_000).content)
        np.testing.assert_allclose(seen(made.pixels, made.icc)[:, 4:], np.full((4, 4, 3), CSS), atol=1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_colours_of_effects_are_srgb_whatever_the_photo(dtype):
    scale = np.iinfo(dtype).max // 255
    pixels = np.zeros((40, 40, 4), dtype)
    pixels[..., :3] = np.multiply((200, 90, 40), scale)
    pixels[10:30, 10:30, 3] = np.iinfo(dtype).max
    photo = mk.Picture(pixels, P3)
    asked = {"outline": "4,color=rgb(102 153 204)", "shadow": "drop,x=12,y=0,radius=0,opacity=1,color=red"}
    below = mk.Picture(np.full((40, 40, 3), 255, dtype), P3)
    recipe = mk.Recipe(backdrop="white", **asked)
    for made in (
        mk.cutout(photo).over("white", **asked).pixels,
        mk.composite(photo, below, **asked),
        mk.replay(recipe, photo).pixels,
    ):
        shown = seen((made // scale).astype(np.uint8), P3)
        np.testing.assert_allclose(shown[20, 7], CSS, atol=1)
        np.testing.assert_allclose(shown[20, 38], (255, 0, 0), atol=2)


def test_the_ground_of_a_file_without_alpha_is_srgb_whatever_the_picture():
    for icc, format in ((P3, "png"), (None, "png"), (P3, "jpeg")):
        written = mk.read(
            mk.encode(half((200, 90, 40), icc), format, background="rgb(102 153 204)", quality=100)
        )
        np.testing.assert_allclose(seen(written.pixels, written.icc)[:, 6:], np.full((4, 2, 3), CSS), atol=2)


def test_a_notebook_shows_srgb_of_a_picture_in_another_space():
    pytest.importorskip("IPython")
    asked = mk.Picture(np.full((40, 60, 3), CSS, np.uint8), P3)
    want = seen(asked.pixels, P3)[0, 0]
    cut = mk.cutout(asked, np.full((40, 60), 254, np.uint8))
    shown = [one._repr_mimebundle_()["image/png"] for one in (asked, cut, mk.show(asked), mk.show(cut))]
    for content in shown:
        image = Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB")
        np.testing.assert_allclose(np.asarray(image)[20, 30], want, atol=2)
    np.testing.assert_allclose(mk.contact_sheet([asked], side=60)[20, 30], want, atol=2)
    damaged = mk.Picture(asked.pixels, P3[:200])
    assert damaged._repr_mimebundle_()["image/png"], "as it is, where it cannot be converted"


def test_the_editor_s_picture_carries_the_photo_s_profile():
    pytest.importorskip("anywidget")
    photo = mk.Picture(np.full((40, 60, 3), CSS, np.uint8), P3)
    editor = mk.edit(photo, np.full((40, 60), 254, np.uint8))
    shown = mk.read(bytes(editor.still))
    np.testing.assert_allclose(seen(shown.pixels, shown.icc)[20, 30], seen(photo.pixels, P3)[0, 0], atol=2)
