"""Files of layers: exact for readers that are not ours, and hostile ones refused."""

import io
import os
import shutil
import struct
import subprocess
import warnings
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from cli_process import maskkit
from oracle import files
from PIL import Image

import maskkit as mk
from maskkit.codec.layers import Layer, Layered, write_layers
from maskkit.codec.layers.psd import psd_parts

rng = np.random.default_rng(23)
PHOTO = rng.integers(0, 256, (20, 30, 3), np.uint8)
MASK = rng.integers(0, 256, (20, 30), np.uint8)
ICC = files.adobe_rgb_profile()
GREEN = "rgb(20 200 90)"


def cutout(dtype, icc=ICC):
    pixels = PHOTO.astype(dtype) * (257 if dtype == np.uint16 else 1)
    return mk.cutout(mk.Picture(pixels, icc, dpi=(240.0, 240.0)), MASK)


@pytest.mark.parametrize("backdrop", [None, GREEN])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_photoshopapi_reads_a_psd_exactly(dtype, backdrop, tmp_path):
    photoshopapi = pytest.importorskip("photoshopapi")
    path = tmp_path / "made.psd"
    made = cutout(dtype)
    made.save_layers(
        path, backdrop, mode="multiply" if backdrop else "normal", opacity=0.6 if backdrop else 1
    )
    file = photoshopapi.LayeredFile.read(path)
    assert [one.name for one in file.flat_layers] == (["subject", "backdrop"] if backdrop else ["subject"])
    subject = file["subject"]
    data = subject.get_image_data()
    for channel in range(3):
        np.testing.assert_array_equal(data[channel].reshape(20, 30), made.pixels[..., channel])
    np.testing.assert_array_equal(np.asarray(subject.mask).reshape(20, 30), made.alpha)
    assert file.dpi == 240
    assert bytes(np.asarray(file.icc, np.uint8)) == ICC
    if backdrop:
        assert subject.blend_mode.name == "multiply"
        assert subject.opacity == pytest.approx(0.6, abs=1 / 255)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.skipif(not shutil.which("identify"), reason="needs ImageMagick")
def test_imagemagick_shows_the_merged_picture(dtype, tmp_path):
    made = cutout(dtype, icc=None)
    for backdrop in (None, GREEN):
        path = tmp_path / "made.psd"
        made.save_layers(path, backdrop)
        subprocess.run(
            ["/usr/bin/convert", f"{path}[0]", "-depth", "16", tmp_path / "merged.png"], check=True
        )
        got = mk.read(tmp_path / "merged.png").pixels
        got = got / (257 if got.dtype == np.uint16 else 1)
        want = (made if backdrop is None else made.over(backdrop)).pixels / (1 if dtype == np.uint8 else 257)
        seen = MASK > 127 if backdrop is None else MASK >= 0
        assert np.abs(got - want)[seen].max() <= 1.01
        count = subprocess.run(["identify", path], check=True, capture_output=True).stdout.count(b"PSD")
        assert count == (2 if backdrop is None else 3)


@pytest.mark.parametrize("mode", ["normal", "multiply", "screen"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.skipif(not shutil.which("identify"), reason="needs ImageMagick")
def test_imagemagick_flattens_the_layers_to_the_same(dtype, mode, tmp_path):
    """Its own compositing of the layers, their masks, modes and opacity: not the merged picture."""
    made, path = cutout(dtype, icc=None), tmp_path / "made.psd"
    made.save_layers(path, GREEN, mode=mode, opacity=0.6)
    flat = [path, "-delete", "0", "-background", "none", "-layers", "flatten", "-depth", "16"]
    subprocess.run(["/usr/bin/convert", *flat, tmp_path / "flat.png"], check=True)
    got = mk.read(tmp_path / "flat.png").pixels[..., :3].astype(float) / 257
    want = made.over(GREEN, mode=mode, opacity=0.6).pixels / (1 if dtype == np.uint8 else 257)
    assert np.abs(got - want[..., :3]).max() <= 1.01


@pytest.mark.service
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", ["psd", "ora"])
@pytest.mark.skipif(not (shutil.which("krita") and shutil.which("xvfb-run")), reason="needs Krita and Xvfb")
def test_krita_shows_the_same(suffix, dtype, tmp_path):
    """Its own compositing of the layers: what it opens and exports; OpenRaster's of 16 bits with 8."""
    made, path = cutout(dtype, icc=None), tmp_path / f"made.{suffix}"
    made.save_layers(path, GREEN, mode="multiply", opacity=0.6)
    out = tmp_path / "flat.png"
    words = ["xvfb-run", "-a", "krita", path, "--export", "--export-filename", out]
    subprocess.run(
        words, check=True, capture_output=True, timeout=240, env={**os.environ, "HOME": str(tmp_path)}
    )
    got = mk.read(out, to_srgb=True).pixels[..., :3]
    want = made.over(GREEN, mode="multiply", opacity=0.6).pixels[..., :3]
    got, want = (one / (257 if one.dtype == np.uint16 else 1) for one in (got, want))
    assert np.abs(got - want).max() <= (1.5 if dtype == np.uint16 else 1)


def test_pillow_shows_the_merged_picture(tmp_path):
    made = cutout(np.uint8)
    path = tmp_path / "made.psd"
    made.save_layers(path, GREEN)
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image), made.over(GREEN).pixels)
        assert image.info["icc_profile"] == ICC


@pytest.mark.parametrize("suffix", ["psd", "ora"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("baked", [False, True])
def test_layers_come_back(suffix, dtype, baked, tmp_path):
    path = tmp_path / f"made.{suffix}"
    made = cutout(dtype)
    made.save_layers(path, GREEN, mode="screen", opacity=0.5, baked=baked)
    found = mk.read_layers(path)
    assert found.size == (30, 20)
    behind, subject = found.layers
    assert (behind.name, subject.name, subject.mode) == ("backdrop", "subject", "screen")
    assert subject.opacity == pytest.approx(0.5, abs=1 / 255)
    np.testing.assert_array_equal(subject.pixels[..., :3], made.color)
    np.testing.assert_array_equal(subject.pixels[..., 3] if baked else subject.mask, made.alpha)
    np.testing.assert_array_equal(found.on_canvas(found.layer("subject")).pixels, made.pixels)
    np.testing.assert_array_equal(found.merged.pixels, made.over(GREEN, mode="screen", opacity=0.5).pixels)
    assert (found.merged.icc, found.merged.dpi) == (ICC, pytest.approx((240, 240), abs=0.01))
    with pytest.raises(mk.CodecError, match="none of the name 'x'; there is 'subject', 'backdrop'"):
        found.layer("x")


def test_an_openraster_file_is_what_its_specification_says(tmp_path):
    path = tmp_path / "made.ora"
    made = cutout(np.uint8)
    made.save_layers(path, GREEN)
    assert path.read_bytes()[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
        merged = Image.open(io.BytesIO(archive.read("mergedimage.png")))
        np.testing.assert_array_equal(np.asarray(merged), made.over(GREEN).pixels)
        assert max(Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))).size) <= 256
        root = ElementTree.fromstring(archive.read("stack.xml"))
        assert (root.get("w"), root.get("h")) == ("30", "20")
        group, below = root[0]
        assert [one.get("composite-op") for one in group] == ["svg:dst-in", None]
        mask, photo = (Image.open(io.BytesIO(archive.read(one.get("src")))) for one in group)
        np.testing.assert_array_equal(np.asarray(mask)[..., 3], MASK)
        np.testing.assert_array_equal(np.asarray(photo), PHOTO)
        assert archive.read(below.get("src"))


@pytest.mark.parametrize("kind", ["8bit", "16bit"])
def test_the_mask_of_a_group_counts_for_its_layers(kind, tmp_path):
    photoshopapi = pytest.importorskip("photoshopapi")
    path, deep = tmp_path / "made.psd", kind == "16bit"
    photo, mask = (one.astype(np.uint16) * 257 if deep else one for one in (PHOTO, MASK))
    top = 65535 if deep else 255
    half = np.full((20, 16), top // 3, photo.dtype)  # over the left part of the photo; white outside
    file = getattr(photoshopapi, f"LayeredFile_{kind}")(photoshopapi.enum.ColorMode.rgb, 60, 50)
    place = {"width": 16, "height": 20, "pos_x": 13, "pos_y": 15}
    group = getattr(photoshopapi, f"GroupLayer_{kind}")("people", layer_mask=half, **place)
    planes = np.ascontiguousarray(np.moveaxis(photo, 2, 0))
    where = {**place, "width": 30, "pos_x": 20}
    one = getattr(photoshopapi, f"ImageLayer_{kind}")(planes, "masked", layer_mask=mask, **where)
    two = getattr(photoshopapi, f"ImageLayer_{kind}")(planes, "bare", **where)
    file.add_layer(group)
    group.add_layer(file, one)
    group.add_layer(file, two)
    file.write(path)
    found = mk.read_layers(path)
    outer = np.full((20, 30), top, photo.dtype)
    outer[:, :16] = top // 3
    np.testing.assert_array_equal(found.layer("bare").mask, outer)
    want = (2 * mask.astype(np.uint64) * outer + top) // (2 * top)
    np.testing.assert_array_equal(found.layer("masked").mask, want)


@pytest.mark.parametrize("kind", ["8bit", "16bit"])
def test_what_photoshopapi_writes(kind, tmp_path):
    photoshopapi = pytest.importorskip("photoshopapi")
    path = tmp_path / "made.psd"
    deep = kind == "16bit"
    photo, mask = (one.astype(np.uint16) * 257 if deep else one for one in (PHOTO, MASK))
    file = getattr(photoshopapi, f"LayeredFile_{kind}")(photoshopapi.enum.ColorMode.rgb, 60, 50)
    group = getattr(photoshopapi, f"GroupLayer_{kind}")("people")
    layer = getattr(photoshopapi, f"ImageLayer_{kind}")(
        np.ascontiguousarray(np.moveaxis(photo, 2, 0)), "photo", layer_mask=mask, width=30, height=20,
        pos_x=20, pos_y=15, opacity=0.4, blend_mode=photoshopapi.enum.BlendMode.softlight,
    )  # fmt: skip
    file.add_layer(group)
    group.add_layer(file, layer)
    file.write(path)
    found = mk.read_layers(path)
    (got,) = found.layers
    assert (found.size, got.name, got.group, got.mode) == ((60, 50), "photo", ("people",), "soft-light")
    assert got.position == (5, 5)
    assert got.opacity == pytest.approx(0.4, abs=1 / 255)
    np.testing.assert_array_equal(got.pixels, photo)
    np.testing.assert_array_equal(got.mask, mask)
    placed = found.on_canvas(got).pixels
    np.testing.assert_array_equal(placed[5:25, 5:35, 3], mask)
    assert placed[..., 3].sum() == mask.sum()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_white_under_a_soft_alpha_is_undone(dtype, tmp_path):
    path = tmp_path / "made.psd"
    made = cutout(dtype)
    made.save_layers(path)
    found = mk.read_layers(path).merged.pixels.astype(float)
    top = np.iinfo(dtype).max
    np.testing.assert_array_equal(found[..., 3], made.alpha)
    off = np.abs(found - made.pixels)[..., :3] * made.alpha[..., None] / top
    assert off.max() <= 1.0  # half a level over white, and half a level back


@pytest.mark.skipif(not shutil.which("identify"), reason="needs ImageMagick")
@pytest.mark.parametrize("compression", ["None", "RLE", "Zip"])
@pytest.mark.parametrize("depth", [8, 16])
def test_what_imagemagick_writes(depth, compression, tmp_path):
    picture, path = tmp_path / "layer.png", tmp_path / "made.psd"
    pixels = np.dstack([PHOTO, MASK])
    pixels[5:9] = 7  # runs
    Image.fromarray(pixels).save(picture)
    how = ["-depth", str(depth), "-compress", compression]
    subprocess.run(["/usr/bin/convert", picture, picture, *how, path], check=True)
    found = mk.read_layers(path)
    assert found.size == (30, 20)
    scale = 257 if depth == 16 else 1
    np.testing.assert_array_equal(found.layers[-1].pixels, pixels.astype(np.uint16) * scale)
    np.testing.assert_array_equal(found.merged.pixels[..., 3], pixels[..., 3].astype(np.uint16) * scale)


def with_mask(parameters, *, box=(0, 0, 20, 30), outside=0, flags=0x10):
    """Our PSD of a photo and its mask, with other words in the mask's record."""
    from maskkit.codec.layers import psd

    height, width = box[2] - box[0], box[3] - box[1]
    layer = Layer(name="a", pixels=PHOTO, mask=MASK[:height, :width])
    plain = psd._extra(layer, struct.pack(">4i", *box))
    record = struct.pack(">4iBB", *box, outside, flags) + parameters
    record += bytes(-len(record) % 4)
    told = struct.pack(">I", len(record)) + record + plain[4 + 20 :]
    before = psd._extra
    try:
        psd._extra = lambda *_: told
        return b"".join(psd.psd_parts(Layered((layer,), (30, 20), mk.Picture(PHOTO))))
    finally:
        psd._extra = before


def test_a_mask_with_density_feather_an_outside_or_disabled():
    (got,) = mk.read_layers(with_mask(struct.pack(">BB", 1, 128))).layers
    want = 255 - (255 - MASK.astype(float)) * 128 / 255
    assert np.abs(got.mask - want).max() <= 0.5
    (got,) = mk.read_layers(with_mask(struct.pack(">Bd", 2, 2.5))).layers
    assert np.abs(got.mask.astype(int) - mk.feather(MASK, 2.5)).max() <= 1
    (got,) = mk.read_layers(with_mask(b"", box=(4, 3, 14, 23), outside=255, flags=0)).layers
    want = np.full((20, 30), 255)
    want[4:14, 3:23] = MASK[:10, :20]
    np.testing.assert_array_equal(got.mask, want)
    (got,) = mk.read_layers(with_mask(b"", flags=2)).layers
    assert got.mask is None


@pytest.mark.slow
def test_no_byte_of_a_psd_can_do_harm(tmp_path):
    path = tmp_path / "made.psd"
    cutout(np.uint8).save_layers(path, GREEN)
    content = path.read_bytes()
    for at in range(len(content)):
        broken = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        try:
            mk.read_layers(broken, max_pixels=100_000)
        except mk.CodecError:
            continue


def hostile(stack, **more):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        if stack is not None:
            archive.writestr("stack.xml", stack)
        archive.writestr("mergedimage.png", files.saved(PHOTO, "PNG"))
        for name, content in more.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        (None, "without stack.xml"),
        ("<image><stack><layer src='../../etc/passwd'/></stack></image>", "names a file outside itself"),
        ("<image><stack><layer src='/etc/passwd'/></stack></image>", "names a file outside itself"),
        ("<image><stack><layer src='gone.png'/></stack></image>", "without gone.png"),
        ("<image><stack><layer/></stack></image>", "names a file outside itself"),
        ("<!DOCTYPE a [<!ENTITY b 'cc'>]><image>&b;</image>", "declares entities"),
        ("<image><stack>", "is not XML"),
        ("<image><stack>" + "<layer src='a'/>" * 2001 + "</stack></image>", "more than 2000 layers"),
        ("<image><stack><layer src='mergedimage.png' x='nan'/></stack></image>", "is no number"),
        ("<image><stack><layer src='mergedimage.png' x='1e999'/></stack></image>", "is no number"),
    ],
)
def test_a_hostile_openraster_file_is_refused(stack, said):
    with pytest.raises(mk.CodecError, match=said):
        mk.read_layers(hostile(stack))


def test_size_limits_and_damage():
    plain = hostile("<image><stack><layer src='mergedimage.png'/></stack></image>")
    assert len(mk.read_layers(plain).layers) == 1
    with pytest.raises(mk.CodecError, match="max_pixels"):
        mk.read_layers(plain, max_pixels=900)
    for content in (plain[:200], plain[:-30], files.saved(PHOTO, "PNG")):
        with pytest.raises(mk.CodecError):
            mk.read_layers(content)


@pytest.mark.parametrize("suffix", ["psd", "ora"])
def test_a_file_cut_short_anywhere_is_one_line(suffix, tmp_path):
    path = tmp_path / f"made.{suffix}"
    cutout(np.uint8).save_layers(path)
    content = path.read_bytes()
    for cut in (1, *range(20, len(content), 97), len(content) - 1):
        with pytest.raises(mk.CodecError) as told:
            mk.read_layers(content[:cut])
        assert "\n" not in str(told.value), cut


def psd_of(*layers, size=(30, 20)):
    merged = mk.Picture(np.zeros((size[1], size[0], 3), np.uint8))
    return b"".join(psd_parts(Layered(layers, size, merged)))


def test_a_layer_larger_than_the_canvas_is_all_there():
    large = np.random.default_rng(3).integers(0, 256, (60, 90, 3), np.uint8)
    content = psd_of(Layer(name="large", pixels=large, position=(-20, -30)))
    read = mk.read_layers(content)
    assert (read.size, read.layer("large").position) == ((30, 20), (-20, -30))
    np.testing.assert_array_equal(read.layer("large").pixels, large)
    shown = read.on_canvas(read.layer("large")).pixels
    np.testing.assert_array_equal(shown[..., :3], large[30:50, 20:50])
    with pytest.raises(mk.CodecError, match="its layers are more than 5399 pixels together"):
        mk.read_layers(content, max_pixels=60 * 90 - 1)


def test_a_psd_of_no_layers():
    read = mk.read_layers(psd_of())
    assert (read.layers, read.merged.size) == ((), (30, 20))
    with pytest.raises(mk.CodecError, match="there is none of the name 'a'; there is none"):
        read.layer("a")


@pytest.mark.parametrize("length", [0, 1, 2**31, 2**32 - 1])
def test_a_hostile_length_of_a_channel(length):
    content = psd_of(Layer(name="a", pixels=PHOTO))
    at = content.index(struct.pack(">4i", 0, 0, 20, 30)) + 16 + 2 + 2  # behind the box, the count, the number
    with pytest.raises(mk.CodecError, match=r"cut short|damaged|unpack") as told:
        mk.read_layers(content[:at] + struct.pack(">I", length) + content[at + 4 :])
    assert "\n" not in str(told.value)


def test_a_channel_that_comes_twice():
    content = psd_of(Layer(name="a", pixels=PHOTO))
    at = content.index(struct.pack(">4i", 0, 0, 20, 30)) + 16 + 2
    with pytest.raises(mk.CodecError, match="has its channel 0 twice"):
        mk.read_layers(content[:at] + b"\0\0" + content[at + 2 :])


def test_what_an_openraster_file_unpacks_to_is_bounded():
    """A member that says it is a picture of few pixels and is a gigabyte of zeros."""
    stack = "<image><stack><layer src='bomb.png'/></stack></image>"
    file = io.BytesIO(hostile(stack))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", files.saved(PHOTO, "PNG") + bytes(20_000_000))
    with pytest.raises(mk.CodecError, match=r"bomb.png is \d+ bytes, too many"):
        mk.read_layers(file.getvalue(), max_pixels=10_000)
    pair = "<layer composite-op='svg:dst-in' src='mask.png'/><layer src='mergedimage.png'/>"
    mask = files.saved(
        np.dstack([np.zeros((200, 300, 3), np.uint8), np.eye(200, 300, dtype=np.uint8)]), "PNG"
    )
    with pytest.raises(mk.CodecError, match="a mask of another size than its layer"):
        mk.read_layers(hostile(f"<image><stack><stack>{pair}</stack></stack></image>", **{"mask.png": mask}))


def test_what_is_no_psd_of_rgb_is_refused(tmp_path):
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 20, 30, 32, 3)
    with pytest.raises(mk.CodecError, match="RGB of 32 bits; need RGB or grey of 8 or 16"):
        mk.read_layers(head + bytes(40))
    for number, words in {0: "bitmap of 8 bits", 4: "CMYK of 8 bits", 9: "Lab of 8 bits"}.items():
        with pytest.raises(mk.CodecError, match=f"is a PSD of {words}; need RGB or grey of 8 or 16"):
            mk.read_layers(b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 20, 30, 8, number) + bytes(40))
    huge = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 30_000, 30_000, 8, 3)
    with pytest.raises(mk.CodecError, match="max_pixels"):
        mk.read_layers(huge + bytes(40))
    with pytest.raises(mk.CodecError, match="ora has no blend mode 'hard-mix'"):
        cutout(np.uint8).save_layers(tmp_path / "a.ora", GREEN, mode="hard-mix")
    with pytest.raises(mk.CodecError, match=r"unknown extension '.png' for layers"):
        cutout(np.uint8).save_layers(tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_psb_beyond_30000_pixels(tmp_path):
    photoshopapi = pytest.importorskip("photoshopapi")
    pixels = np.zeros((1, 30_001, 3), np.uint8)
    pixels[0, -1] = 200
    path = tmp_path / "long.psb"
    write_layers(path, Layered((Layer(name="a", pixels=pixels),), (30_001, 1), mk.Picture(pixels)))
    assert path.read_bytes()[4:6] == b"\0\2"
    data = photoshopapi.LayeredFile.read(path)["a"].get_image_data()
    np.testing.assert_array_equal(np.asarray(data[0]).reshape(1, -1), pixels[..., 0])


def test_linear_light_is_warned_of(tmp_path):
    from maskkit.cutouts import layers_of

    with pytest.warns(mk.MaskkitWarning, match="linear light"):
        layers_of(cutout(np.uint8), mk.Recipe(backdrop="red", linear=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layers_of(cutout(np.uint8), mk.Recipe(backdrop="red"))


EFFECTS = {
    "shadow": "contact;drop,x=3,y=4,radius=2;cast,color=navy",
    "glow": "3,color=gold",
    "reflection": "0.5",
    "lens_blur": 2,
    "tint_match": 0.5,
    "light_wrap": 0.4,
}
NAMES = [
    "backdrop",
    "reflection",
    "contact shadow",
    "drop shadow",
    "cast shadow",
    "glow",
    "outline",
    "subject",
]


@pytest.mark.parametrize("suffix", ["psd", "ora"])
@pytest.mark.parametrize("backdrop", ["linear:teal;gold", None])
@pytest.mark.parametrize("where", ["outside", "center", "inside"])
def test_effects_are_layers_that_make_the_merged_picture(suffix, backdrop, where, tmp_path):
    from maskkit.codec.layers import write_layers
    from maskkit.cutouts import layers_of

    y, x = np.mgrid[:60, :80]
    photo = np.dstack([x * 3, y * 4, 255 - x * 3]).astype(np.uint8)
    mask = (np.clip(18 - np.hypot(y - 28, x - 40), 0, 1) * 255).astype(np.uint8)
    asked = {**EFFECTS, "outline": {"width": 4, "color": "red", "where": where}}
    asked |= {} if backdrop else {"tint_match": None, "light_wrap": None}
    recipe = mk.Recipe(backdrop=backdrop, **asked)
    path = tmp_path / f"a.{suffix}"
    write_layers(path, layers_of(mk.cutout(photo, mask), recipe))
    found = mk.read_layers(path)
    absent = ([] if backdrop else ["backdrop"]) + (["outline"] if where == "inside" else [])
    names = [one for one in NAMES if one not in absent] + (["outline inside"] if where != "outside" else [])
    assert [one.name for one in found.layers] == names
    assert [one.name for one in found.layers if one.mode == "multiply"] == ["contact shadow", "drop shadow"]
    seen = np.zeros((60, 80, 4), np.uint8)
    for one in found.layers:
        seen = mk.composite(found.on_canvas(one), seen, mode=one.mode, opacity=one.opacity)
    merged = found.whole.pixels
    if merged.shape[2] == 3:
        merged = np.dstack([merged, np.full(merged.shape[:2], 255, np.uint8)])
    off = np.abs(pre(seen) - pre(merged))
    soft = (mask > 0) & (mask < 255)
    assert off[~soft].max() <= 4, "each layer rounds once"
    assert off.max() <= (64 if where == "inside" else 4), "inside a soft edge a little shines through"


def pre(pixels):
    """Colour times alpha, and alpha, 0 to 255."""
    return np.dstack([pixels[..., :3] * (pixels[..., 3:] / 255.0), pixels[..., 3:]])


def test_the_photos_own_shadow_is_a_layer_to_multiply_by():
    from maskkit.cutouts import layers_of

    photo = np.full((80, 80, 3), 200, np.uint8)
    photo[44:60, 20:60] = 120
    mask = np.zeros((80, 80), np.uint8)
    mask[20:44, 20:60] = 255
    made = layers_of(mk.cutout(photo, mask), mk.Recipe(shadow="own", backdrop="teal", trim=20))
    shadow = made.layer("own shadow")
    assert shadow.mode == "multiply"
    assert shadow.pixels.shape == (64, 80, 4)
    assert shadow.pixels[45, 40, 3] > 80
    assert not shadow.pixels[..., :3].any()


@pytest.mark.parametrize("suffix", ["psd", "ora"])
def test_the_command_line(suffix, tmp_path):
    photo, mask, made, out = (tmp_path / name for name in ("p.png", "m.png", f"made.{suffix}", "out.png"))
    mk.write(photo, PHOTO)
    mk.write(mask, MASK)
    maskkit("composite", photo, "-m", mask, "-b", "red", "-o", made)
    tree = maskkit("info", made).stdout.decode()
    assert "subject (30x20, normal, 100%, mask)" in tree
    assert tree.index("subject") < tree.index("backdrop")
    assert b'"mask": true' in maskkit("info", made, "--json").stdout
    maskkit("mask", made, "--layer", "subject", "-o", out)
    np.testing.assert_array_equal(np.asarray(Image.open(out)), MASK)
    maskkit("cutout", made, "--layer", "subject", "-o", out)
    np.testing.assert_array_equal(np.asarray(Image.open(out)), np.dstack([PHOTO, MASK]))
    refused = maskkit("mask", made, "--layer", "none", "-o", out, check=1)
    assert b"there is 'subject', 'backdrop'" in refused.stderr
    assert b"--layer" in maskkit("cutout", made, "-o", out, check=1).stderr
