"""Reading pictures: every kind of file against what the specification says it holds."""

import io
import struct
import subprocess
import sys
import threading
import warnings
import zlib

import cv2
import numpy as np
import pytest
from oracle import files
from PIL import Image, ImageCms, ImageOps

import maskkit as mk
from maskkit import codec

rng = np.random.default_rng(3)
PIXELS = np.full((8, 9, 3), 7, np.uint8)
DEPTHS = [(files.GREY, bits) for bits in (1, 2, 4, 8, 16)] + [
    (kind, bits) for kind in (files.RGB, files.GREY_ALPHA, files.RGBA) for bits in (8, 16)
]


def samples_of(kind, bits, shape=(13, 21)):
    return rng.integers(0, 2**bits, (*shape, files.CHANNELS[kind]))


def as_colour(samples, bits):
    """What reading should give: R = G = B for grey, 16 bits kept, fewer scaled to 0-255."""
    dtype = np.uint16 if bits == 16 else np.uint8
    scaled = samples if bits >= 8 else samples * 255 // (2**bits - 1)
    if samples.shape[2] < 3:
        scaled = np.concatenate([scaled[..., :1]] * 3 + [scaled[..., 1:]], axis=2)
    return scaled.astype(dtype)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("kind", "bits"), DEPTHS)
def test_png_of_every_depth(kind, bits, interlaced):
    samples = samples_of(kind, bits)
    got = mk.read(files.png(samples, kind, bits, interlaced=interlaced)).pixels
    want = as_colour(samples, bits)
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(("kind", "bits"), [entry for entry in DEPTHS if entry[0] in (files.GREY, files.RGB)])
def test_a_transparent_colour_becomes_alpha(kind, bits):
    samples = samples_of(kind, bits)
    key = samples[4, 5]
    samples[6, 7] = key
    content = files.png(samples, kind, bits, before=files.chunk(b"tRNS", key.astype(">u2").tobytes()))
    got = mk.read(content).pixels
    np.testing.assert_array_equal(got[..., :3], as_colour(samples, bits))
    clear = (samples == key).all(axis=2)
    assert clear[6, 7]
    np.testing.assert_array_equal(got[..., 3], np.where(clear, 0, 65535 if bits == 16 else 255))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("transparent", [False, True])
def test_a_palette_becomes_colour(bits, transparent):
    colours = rng.integers(0, 256, (2**bits, 3), np.uint8)
    alpha = rng.integers(0, 256, 2**bits - 1, np.uint8)  # the last entry has none and is opaque
    before = files.chunk(b"PLTE", colours.tobytes())
    before += files.chunk(b"tRNS", alpha.tobytes()) if transparent else b""
    index = samples_of(files.PALETTE, bits)
    got = mk.read(files.png(index, files.PALETTE, bits, before=before)).pixels
    table = np.column_stack([colours, np.append(alpha, np.uint8(255))]) if transparent else colours
    np.testing.assert_array_equal(got, table[index[..., 0]])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(kind, orientation, tmp_path):
    quarters = np.zeros((32, 48, 3), np.uint8)
    quarters[:16, :24], quarters[:16, 24:], quarters[16:, :24] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    lossless = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}, "JPEG": {"quality": 100}}.get(kind, {})
    content = files.saved(quarters, kind, exif=files.exif(orientation), dpi=(300, 150), **lossless)
    want = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    picture = mk.read(content)
    np.testing.assert_array_equal(picture.pixels, want)
    marks = [tuple(np.round(picture.pixels[y, x] / 255)) for y, x in ((2, 2), (2, -3), (-3, 2), (-3, -3))]
    white = {1: 3, 2: 2, 3: 0, 4: 1, 5: 3, 6: 2, 7: 0, 8: 1}[orientation]  # where black ends up
    assert marks[white] == (0, 0, 0)
    if kind in ("JPEG", "PNG", "TIFF"):
        across, down = (150, 300) if orientation >= 5 and kind != "TIFF" else (300, 150)
        assert picture.dpi == pytest.approx((across, down), abs=0.1)
    # written and read again it stays as it is
    mk.write(tmp_path / "again.png", picture)
    np.testing.assert_array_equal(mk.read(tmp_path / "again.png").pixels, want)


def orientation_entry(order, kind, value):
    """EXIF with the orientation alone, stored as BYTE (1), SHORT (3) or LONG (4)."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    stored = struct.pack(order + {1: "B3x", 3: "H2x", 4: "I"}[kind], value)
    return head + struct.pack(order + "IHHHI", 8, 1, 0x0112, kind, 1) + stored + b"\0" * 4


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", [1, 3, 4])
def test_orientation_in_any_whole_number_type(kind, order):
    pixels = rng.integers(0, 256, (8, 13, 3), np.uint8)
    exif = orientation_entry(order, kind, 6)
    content = files.saved(pixels, "PNG")
    content = content[:33] + files.chunk(b"eXIf", exif) + content[33:]
    picture = mk.read(content)
    np.testing.assert_array_equal(picture.pixels, np.rot90(pixels, -1))
    assert picture.exif == b"Exif\0\0" + orientation_entry(order, kind, 1)
    np.testing.assert_array_equal(mk.read(mk.encode(picture, "png")).pixels, picture.pixels)


XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/"{}</rdf:RDF></x:xmpmeta>'
)


def text_chunk(word, text):
    return files.chunk(b"iTXt", word.encode() + b"\0\0\0\0\0" + text.encode())


@pytest.mark.parametrize(
    "form", [' tiff:Orientation="6"/>', "><tiff:Orientation>6</tiff:Orientation></rdf:Description>"]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_orientation_that_only_xmp_tells(kind, form):
    pixels = np.kron(rng.integers(0, 256, (2, 3, 3), np.uint8), np.ones((16, 16, 1), np.uint8))
    xmp = XMP.format(form)
    lossless = {"WEBP": {"lossless": True}}.get(kind, {})
    content = files.saved(pixels, kind, **({} if kind == "PNG" else {"xmp": xmp.encode()}), **lossless)
    if kind == "PNG":
        content = content[:33] + text_chunk("XML:com.adobe.xmp", xmp) + content[33:]
    want = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    assert want.shape == (48, 32, 3)
    picture = mk.read(content)
    np.testing.assert_array_equal(picture.pixels, want)
    np.testing.assert_array_equal(mk.read(mk.encode(picture, "png")).pixels, want)
    with_exif = files.saved(pixels, "JPEG", exif=files.exif(1), xmp=xmp.encode())
    assert mk.read(with_exif).size == (48, 32)  # what the EXIF says counts first


def test_exif_in_the_text_of_a_png():
    """ImageMagick's "Raw profile type exif": a name, a length and hexadecimal digits."""
    pixels = rng.integers(0, 256, (8, 13, 3), np.uint8)
    digits = files.exif(6).hex()
    text = f"\nexif\n{len(digits) // 2:8}\n" + "\n".join(
        digits[i : i + 72] for i in range(0, len(digits), 72)
    )
    content = files.saved(pixels, "PNG")
    chunk = files.chunk(b"tEXt", b"Raw profile type exif\0" + text.encode() + b"\n")
    picture = mk.read(content[:33] + chunk + content[33:])
    np.testing.assert_array_equal(picture.pixels, np.rot90(pixels, -1))
    record = Image.Exif()
    record.load(picture.exif)
    assert (record[0x010F], record[0x0112]) == ("Maker", 1)
    broken = files.chunk(b"tEXt", b"Raw profile type exif\0\nexif\n9\nno digits")
    np.testing.assert_array_equal(mk.read(content[:33] + broken + content[33:]).pixels, pixels)


def test_exif_is_kept_byte_for_byte_but_for_the_orientation():
    original = files.exif(6, t0x927c=b"maker note with offsets")
    content = files.saved(np.zeros((8, 9, 3), np.uint8), "JPEG", exif=original)
    kept = mk.read(content).exif
    differs = [i for i, (a, b) in enumerate(zip(original, kept, strict=True)) if a != b]
    assert len(differs) == 1
    record = Image.Exif()
    record.load(kept)
    assert record[0x0112] == 1
    assert record[0x010F] == "Maker"


@pytest.mark.parametrize("order", ["big", "little"])
def test_a_damaged_exif_does_not_cost_the_picture(order):
    start = b"Exif\0\0" + (b"MM\0*" if order == "big" else b"II*\0")
    for rest in (
        b"",
        b"\xff" * 4,
        (8).to_bytes(4, order) + b"\xff\xff",
        (8).to_bytes(4, order) + b"\xff" * 40,
    ):
        content = files.saved(np.full((8, 9, 3), 7, np.uint8), "PNG")
        content = content[:33] + files.chunk(b"eXIf", (start + rest)[6:]) + content[33:]
        assert mk.read(content).size == (9, 8)


@pytest.mark.parametrize("value", [b"", b"\0", b"wide\0", b"1/0\0"])
def test_a_resolution_in_words_does_not_cost_the_picture(value):
    """XResolution as ASCII, which no standard allows."""
    count, held = struct.pack("<I", len(value)), value.ljust(8, b"\0")[:4]
    entries = struct.pack("<HH", 0x011A, 2) + count + held + struct.pack("<HHIHxx", 0x0128, 3, 1, 2)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + b"\0" * 4
    content = files.saved(PIXELS, "JPEG")
    jfif = content.index(b"\xff\xe0")
    length = int.from_bytes(content[jfif + 2 : jfif + 4], "big")
    app1 = b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif
    without_jfif = content[:jfif] + app1 + content[jfif + 2 + length :]
    assert mk.read(without_jfif).size == (9, 8)
    assert mk.read(content[: jfif + 2 + length] + app1 + content[jfif + 2 + length :]).size == (9, 8)


@pytest.mark.parametrize("compression", [None, "tiff_deflate", "tiff_lzw"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tiff_by_tifffile(channels, dtype, compression):
    tifffile = pytest.importorskip("tifffile")
    top = np.iinfo(dtype).max
    array = rng.integers(0, top + 1, (40, 50, channels)).astype(dtype)
    array = array[..., 0] if channels == 1 else array
    options = {"photometric": "minisblack"} if channels == 1 else {"photometric": "rgb"}
    options |= {"extrasamples": ("unassalpha",)} if channels == 4 else {}
    if compression == "tiff_lzw":
        options |= {"tile": (16, 16), "byteorder": ">"}
    elif compression:
        options |= {"compression": "zlib", "predictor": True}
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    got = mk.read(file.getvalue()).pixels
    np.testing.assert_array_equal(got, np.repeat(array[..., None], 3, 2) if channels == 1 else array)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_oddities(dtype):
    tifffile = pytest.importorskip("tifffile")
    top = np.iinfo(dtype).max

    def written(array, **options):
        file = io.BytesIO()
        tifffile.imwrite(file, array, **options)
        return file.getvalue()

    grey = rng.integers(0, top + 1, (9, 11)).astype(dtype)
    np.testing.assert_array_equal(mk.read_mask(written(grey, photometric="miniswhite")), top - grey)
    alpha = rng.integers(1, top + 1, (9, 11, 1)).astype(dtype)
    colour = rng.integers(0, top + 1, (9, 11, 3)).astype(dtype)
    associated = np.floor(colour * (alpha / top) + 0.5)
    content = written(
        np.concatenate([associated, alpha], 2).astype(dtype), photometric="rgb", extrasamples=("assocalpha",)
    )
    got = mk.read(content).pixels.astype(float)
    np.testing.assert_array_equal(got[..., 3:], alpha)
    np.testing.assert_allclose(got[..., :3], np.minimum(associated * top / alpha, top), atol=1)
    planes = written(np.moveaxis(colour, 2, 0), photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(mk.read(planes).pixels, colour)
    with pytest.raises(mk.CodecError):
        mk.read(written(colour.astype(np.float32), photometric="rgb"))
    both = written(
        np.concatenate([grey[..., None], alpha], 2), photometric="minisblack", extrasamples=("unassalpha",)
    )
    np.testing.assert_array_equal(mk.read(both).pixels[..., 2:], np.dstack([grey, alpha]))


def test_16_bit_is_what_opencv_reads():
    array = rng.integers(0, 65536, (30, 20, 4)).astype(np.uint16)
    for extension in (".png", ".tif"):
        content = cv2.imencode(extension, array[..., [2, 1, 0, 3]])[1].tobytes()
        np.testing.assert_array_equal(mk.read(content).pixels, array)


def test_a_profile_for_grey_is_dropped_and_one_for_rgb_kept():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pixels = np.zeros((4, 4, 3), np.uint8)
    assert mk.read(files.saved(pixels, "JPEG", icc_profile=srgb)).icc == srgb
    assert mk.read(files.saved(pixels, "PNG", icc_profile=srgb), to_srgb=True).icc is None
    grey = srgb[:16] + b"GRAY" + srgb[20:]
    assert mk.read(files.saved(pixels[..., 0], "PNG", icc_profile=grey)).icc is None
    assert mk.read(files.saved(pixels, "PNG", icc_profile=b"nonsense")).icc is None


def test_a_wide_profile_travels_or_is_converted():
    profile = files.adobe_rgb_profile()
    pixels = rng.integers(0, 256, (20, 30, 4), np.uint8)
    for array in (pixels, np.ascontiguousarray(pixels[..., :3])):
        content = files.saved(array, "PNG", icc_profile=profile)
        kept = mk.read(content)
        np.testing.assert_array_equal(kept.pixels, array)
        assert kept.icc == profile
        converted = mk.read(content, to_srgb=True)
        assert converted.icc is None
        want = files.adobe_rgb_to_srgb(array[..., :3] / 255) * 255
        np.testing.assert_allclose(converted.pixels[..., :3], want, atol=2.5)
        np.testing.assert_array_equal(converted.pixels[..., 3:], array[..., 3:])
    deep = mk.encode(mk.Picture(pixels.astype(np.uint16) * 257, profile), "png")
    np.testing.assert_array_equal(mk.read(deep).pixels, pixels.astype(np.uint16) * 257)
    want = files.adobe_rgb_to_srgb(pixels[..., :3] / 255) * 65535
    made = mk.read(deep, to_srgb=True).pixels
    assert made.dtype == np.uint16
    np.testing.assert_allclose(made[..., :3], want, atol=128)  # the oracle has five digits
    np.testing.assert_array_equal(made[..., 3], pixels[..., 3].astype(np.uint16) * 257)


def test_srgb_is_what_the_curves_say_and_not_the_name():
    array = rng.integers(0, 256, (20, 30, 3), np.uint8)
    misnamed = files.adobe_rgb_profile().replace(b"wide colours", b"sRGB colours")
    converted = mk.read(files.saved(array, "PNG", icc_profile=misnamed), to_srgb=True).pixels
    np.testing.assert_allclose(converted, files.adobe_rgb_to_srgb(array / 255) * 255, atol=2.5)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    unnamed = srgb.replace("sRGB".encode("utf-16-be"), "plum".encode("utf-16-be"))
    assert unnamed != srgb
    np.testing.assert_array_equal(
        mk.read(files.saved(array, "PNG", icc_profile=unnamed), to_srgb=True).pixels, array
    )
    deep = array.astype(np.uint16) * 257
    content = mk.encode(mk.Picture(deep, unnamed), "png")
    np.testing.assert_array_equal(mk.read(content, to_srgb=True).pixels, deep)


def test_a_transparent_colour_stays_transparent_in_srgb():
    samples = samples_of(files.RGB, 8)
    key = samples[6, 7] = samples[4, 5]
    before = files.chunk(b"iCCP", b"wide\0\0" + zlib.compress(files.adobe_rgb_profile()))
    before += files.chunk(b"tRNS", key.astype(">u2").tobytes())
    got = mk.read(files.png(samples, files.RGB, 8, before=before), to_srgb=True).pixels
    np.testing.assert_array_equal(got[..., 3], np.where((samples == key).all(axis=2), 0, 255))
    np.testing.assert_allclose(got[..., :3], files.adobe_rgb_to_srgb(samples / 255) * 255, atol=2.5)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_refused_unless_converted(kind):
    image = Image.new("CMYK", (4, 3), (0, 255, 255, 0))
    content = files.saved(image, kind)
    with pytest.raises(mk.CodecError, match="to_srgb=True"):
        mk.read(content)
    with pytest.warns(mk.MaskkitWarning, match="without a profile"):
        picture = mk.read(content, to_srgb=True)
    np.testing.assert_allclose(picture.pixels[0, 0], (255, 0, 0), atol=2)


def test_lab_is_converted_through_its_white_point():
    image = Image.new("LAB", (4, 3), (255, 128, 128))
    content = files.saved(image, "TIFF")
    with pytest.raises(mk.CodecError, match="LAB"):
        mk.read(content)
    np.testing.assert_allclose(mk.read(content, to_srgb=True).pixels, 255, atol=1)


def test_the_first_frame_of_an_animation_is_read():
    frames = [Image.new("RGB", (5, 4), colour) for colour in ("red", "blue", "green")]
    for kind in ("GIF", "WEBP", "PNG", "TIFF", "AVIF"):
        lossless = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}}.get(kind, {})
        content = files.saved(frames[0], kind, save_all=True, append_images=frames[1:], **lossless)
        np.testing.assert_allclose(mk.read(content).pixels[0, 0, :3], (255, 0, 0), atol=3)


def test_heic_is_read_with_the_extra():
    pillow_heif = pytest.importorskip("pillow_heif", reason="the extra heif is not installed")
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red")).save(file, quality=100)
    np.testing.assert_allclose(mk.read(file.getvalue()).pixels[0, 0], (255, 0, 0), atol=4)


def test_sources_and_doors(tmp_path):
    pixels = rng.integers(0, 256, (9, 7, 3), np.uint8)
    path = tmp_path / "photo with spaces.bin"  # the content says what it is, not the name
    path.write_bytes(files.saved(pixels, "PNG"))
    content = path.read_bytes()
    for source in (path, str(path), content, bytearray(content), memoryview(content), io.BytesIO(content)):
        np.testing.assert_array_equal(mk.read(source).pixels, pixels)
    np.testing.assert_array_equal(mk.codec.to_picture(io.BytesIO(content)).pixels, pixels)
    with path.open("rb") as file:
        np.testing.assert_array_equal(mk.read(file).pixels, pixels)
    turned = Image.open(io.BytesIO(files.saved(pixels, "JPEG", quality=100, exif=files.exif(6))))
    assert mk.codec.to_picture(turned).size == (9, 7)
    assert mk.codec.to_picture(mk.codec.to_picture(pixels)).pixels is not None
    assert mk.read(content).pixels.flags.c_contiguous


def test_pillow_s_settings_and_warnings_are_as_they_were():
    content = files.saved(np.zeros((8, 8, 3), np.uint8), "TIFF")
    limit, filters = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    workers = [threading.Thread(target=lambda: [mk.read(content) for _ in range(20)]) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert limit == Image.MAX_IMAGE_PIXELS
    assert list(warnings.filters) == filters


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_that_is_decoded_ahead_is_the_same(tmp_path, dtype, channels):
    pixels = np.random.default_rng(3).integers(0, np.iinfo(dtype).max, (9, 7, channels)).astype(dtype)
    mk.write(tmp_path / "picture.png", mk.Picture(pixels, dpi=(300, 300)))
    found = mk.read(codec.ahead(tmp_path / "picture.png"))
    assert found.dpi == mk.read(tmp_path / "picture.png").dpi
    assert found.pixels.dtype == dtype
    assert np.array_equal(found.pixels, pixels)


def test_what_fails_ahead_fails_with_the_same_line(tmp_path):
    path = tmp_path / "short.jpg"
    path.write_bytes(mk.encode(np.full((64, 64, 3), 90, np.uint8), "jpeg")[:-40])
    for source in (path, tmp_path / "missing.jpg"):
        with pytest.raises(mk.CodecError) as told:
            mk.read(source)
        with pytest.raises(mk.CodecError) as told_ahead:
            mk.read(codec.ahead(source))
        assert str(told_ahead.value) == str(told.value)


def test_decoding_needs_no_numpy(tmp_path):
    mk.write(tmp_path / "photo.jpg", np.full((9, 9, 3), 90, np.uint8))
    program = "import sys; from maskkit import codec; file = codec.ahead('photo.jpg').result()\n"
    program += "print(file.image.tile, 'numpy' in sys.modules)"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "[] False\n", done.stderr
