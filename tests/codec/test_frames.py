"""Sequences read and written: every frame as it is to be seen, its time, and how often all are shown."""

import io
import json
import os
import queue
import shutil
import signal
import struct
import subprocess
import threading
import tracemalloc
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from oracle import files
from PIL import Image, ImageSequence

import maskkit as mk

TENTHS = [Fraction(one, 10) for one in (1, 3, 2, 5)]
FFMPEG, CHROMIUM = shutil.which("ffmpeg"), shutil.which("chromium")


def clip(dtype=np.uint8, size=(34, 26), soft=True):
    """Four frames of a box that moves over a ramp, its rim soft, hidden colour all around."""
    (width, height), top = size, np.iinfo(dtype).max
    for number, seconds in enumerate(TENTHS):
        pixels = np.zeros((height, width, 4), dtype)
        pixels[..., 0] = top // 3
        pixels[..., 1] = np.linspace(0, top, width).astype(dtype)
        pixels[..., 2] = top - top // (number + 2)
        pixels[4 + number : 14 + number, 6:20, 3] = top // 2 if soft else top
        pixels[5 + number : 13 + number, 7:19, 3] = top
        yield mk.Frame(mk.Picture(pixels), seconds)


def written(path, frames=None, **how):
    mk.write_frames(path, clip() if frames is None else frames, **how)
    return mk.read_frames(path)


@pytest.mark.parametrize(
    ("name", "dtype", "how"),
    [
        ("a.png", np.uint8, {}),
        ("a.apng", np.uint16, {}),
        ("a.webp", np.uint8, {"lossless": True}),
        ("a.mkv", np.uint8, {}),
        ("a.mkv", np.uint16, {}),
        ("folder", np.uint16, {}),
        ("folder/", np.uint8, {"format": "tiff"}),
    ],
)
def test_what_holds_every_level_gives_it_back(tmp_path, name, dtype, how):
    if name.endswith("mkv"):
        pytest.importorskip("av")
    read = written(f"{tmp_path}/{name}", clip(dtype), plays=3, **how)
    found = list(read)
    assert read.size == (34, 26)
    for (picture, seconds, _), (want, lasts, _) in zip(found, clip(dtype), strict=True):
        np.testing.assert_array_equal(picture.pixels, want.pixels)
        assert picture.pixels.dtype == dtype
        assert seconds == (lasts if read.timed else Fraction(1, 25))
    if name.endswith(("png", "webp")):
        assert (read.plays, read.count) == (3, 4)
    assert [one.seconds for one in read] == [one.seconds for one in found]  # every loop begins again


def noisy(count=5, size=(70, 54)):
    """Frames whose alpha is noise, another in each."""
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (size[1], size[0], 4), np.uint8)
        pixels[..., :3] = np.linspace(40, 210, size[0])[:, None]
        yield mk.Frame(mk.Picture(pixels), TENTHS[number % 4] + Fraction(number, 3000))


@pytest.mark.parametrize("quality", [None, 20])
def test_an_avif_sequence_keeps_its_alpha_for_another_decoder(tmp_path, quality):
    """FFmpeg reads the sequence of alpha as a stream of its own, a frame at a time."""
    av = pytest.importorskip("av")
    mk.write_frames(tmp_path / "a.avif", noisy(), quality=quality)

    def decoded(which, form):
        with av.open(str(tmp_path / "a.avif")) as file:
            stream = [one for one in file.streams.video if one.frames == 5][which]
            return [one.to_ndarray(format=form) for one in file.decode(stream)]

    for colour, alpha, (want, _, _) in zip(decoded(0, "rgb24"), decoded(1, "gray"), noisy(), strict=True):
        np.testing.assert_array_equal(alpha, want.pixels[..., 3])
        assert np.abs(colour.astype(int) - want.pixels[..., :3]).mean() < 4


def test_what_an_avif_sequence_holds(tmp_path):
    from maskkit.codec.matrix_profiles import SRGB_CURVE, matrix_profile
    from maskkit.codec.signalling import _PRIMARIES

    p3 = matrix_profile("P3", _PRIMARIES[12][1], SRGB_CURVE)
    frames = [mk.Frame(one.picture.with_pixels(one.picture.pixels), one.seconds) for one in noisy()]
    frames[0] = mk.Frame(mk.Picture(frames[0].picture.pixels, p3), frames[0].seconds)
    read = written(tmp_path / "a.avif", frames)
    assert (read.count, read.plays, read.timed) == (5, 0, True)
    found, ends = list(read), 0
    for one, want in zip(found, frames, strict=True):
        ends += want.seconds
        np.testing.assert_array_equal(one.picture.pixels[..., 3], want.picture.pixels[..., 3])
        assert one.picture.icc == p3
    assert abs(sum(one.seconds for one in found) - ends) <= Fraction(1, 2000)
    with pytest.warns(mk.MaskkitWarning, match="without end, not 3 times"):
        mk.write_frames(tmp_path / "b.avif", clip(), plays=3)
    with pytest.raises(mk.CodecError, match="lossless: avif"):
        mk.write_frames(tmp_path / "c.avif", clip(), lossless=True)
    with pytest.raises(mk.CodecError, match="need at least one, got none"):
        mk.write_frames(tmp_path / "c.avif", iter(()))
    assert not (tmp_path / "c.avif").exists()
    smaller = mk.Frame(mk.Picture(np.zeros((9, 9, 3), np.uint8)), TENTHS[0])
    with pytest.raises(mk.CodecError, match="frame 6: frames of different sizes"):
        mk.write_frames(tmp_path / "c.avif", [*noisy(), smaller])
    assert not (tmp_path / "c.avif").exists()
    assert written(tmp_path / "one.avif", [smaller]).count == 1


@pytest.mark.parametrize(("codec", "name", "colour"), [("prores", "a.mov", 1.5), ("vp9", "a.webm", 6)])
def test_videos_with_alpha(tmp_path, codec, name, colour):
    pytest.importorskip("av")
    frames = list(written(tmp_path / name, codec=codec, lossless=codec == "vp9" or None))
    for (picture, seconds, _), (want, lasts, _) in zip(frames, clip(), strict=True):
        whole = np.iinfo(picture.pixels.dtype).max / 255
        off = np.abs(picture.pixels / whole - want.pixels)
        assert off[..., 3].max() <= 0.5
        assert off[..., :3].max() <= colour  # VP9's colour has half the sides
        assert seconds == lasts


@pytest.mark.parametrize("name", ["a.mov", "a.webm", "a.mkv"])
def test_every_level_of_alpha_comes_back(tmp_path, name):
    """FFmpeg's own step from RGBA to YUVA makes 129 of 128, and so on up to 255 of 254."""
    pytest.importorskip("av")
    pixels = np.full((16, 256, 4), 100, np.uint8)
    pixels[..., 3] = np.arange(256)
    (picture, _, _), *_ = written(
        tmp_path / name, [mk.Frame(mk.Picture(pixels), Fraction(1, 10))], lossless=True
    )
    off = picture.pixels[..., 3] / (np.iinfo(picture.pixels.dtype).max / 255) - np.arange(256)
    assert np.abs(off).max() <= (0.2 if name == "a.mov" else 0)  # ProRes: 10 bits, read as 12


def test_h264_holds_no_alpha_and_even_sides(tmp_path):
    pytest.importorskip("av")
    opaque = [one._replace(picture=mk.Picture(one.picture.pixels[..., :3].copy())) for one in clip()]
    read = written(tmp_path / "a.mp4", opaque, quality=90)
    for (picture, seconds, _), (want, lasts, _) in zip(read, opaque, strict=True):
        assert np.abs(picture.pixels.astype(int) - want.pixels).mean() < 3
        assert seconds == lasts
    with pytest.raises(mk.CodecError, match="h264 holds no transparency"):
        mk.write_frames(tmp_path / "b.mp4", clip())
    odd = [mk.Frame(mk.Picture(one.picture.pixels[:-1]), one.seconds) for one in opaque]
    with pytest.raises(mk.CodecError, match="even sides, got 34x25"):
        mk.write_frames(tmp_path / "b.mp4", odd)
    with pytest.raises(mk.CodecError, match=r"codec: .webm holds vp9, got 'h264'"):
        mk.write_frames(tmp_path / "b.webm", opaque, codec="h264")
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp4"]


def test_gif_holds_one_bit_of_alpha(tmp_path):
    with pytest.warns(mk.MaskkitWarning, match="alpha of one bit"):
        read = written(tmp_path / "a.gif", plays=2)
    assert (read.plays, read.count) == (2, 4)
    for (picture, seconds, _), (want, lasts, _) in zip(read, clip(), strict=True):
        kept = want.pixels[..., 3] >= 128
        np.testing.assert_array_equal(picture.pixels[..., 3], kept * 255)
        off = np.abs(picture.pixels[..., :3].astype(int) - want.pixels[..., :3])
        assert off[kept].max() < 16
        assert seconds == lasts


def test_times_that_a_gif_cannot_hold(tmp_path):
    thirds = [one._replace(seconds=Fraction(1, 30)) for one in clip(soft=False)] * 3
    read = written(tmp_path / "a.gif", thirds)
    assert sum(one.seconds for one in read) == Fraction(40, 100)  # within a hundredth of 12 / 30
    with pytest.warns(mk.MaskkitWarning, match="50 frames a second"):
        fast = written(tmp_path / "b.gif", [one._replace(seconds=Fraction(1, 60)) for one in thirds])
    assert {one.seconds for one in fast} == {Fraction(1, 50)}


def over(above, below):
    """Porter-Duff's over of straight RGBA, in floats."""
    alpha = above[..., 3:] / 255 + below[..., 3:] / 255 * (1 - above[..., 3:] / 255)
    colour = above[..., :3] * above[..., 3:] / 255 + below[..., :3] * below[..., 3:] / 255 * (
        1 - above[..., 3:] / 255
    )
    return np.concatenate([colour / np.maximum(alpha, 1e-9), alpha * 255], axis=2)


def apng(parts, size, plays=0):
    """An APNG straight from the specification: parts of (pixels, left, top, after, over)."""
    width, height = size
    head = files.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    body, order = files.chunk(b"acTL", struct.pack(">II", len(parts), plays)), 0
    for number, (pixels, left, top, after, mode) in enumerate(parts):
        still = files.png(pixels, files.RGBA, 8)
        data = still[still.index(b"IDAT") + 4 : -16]
        place = struct.pack(">IIIIHHBB", pixels.shape[1], pixels.shape[0], left, top, 1, 8, after, mode)
        body += files.chunk(b"fcTL", struct.pack(">I", order) + place)
        kind, more = (b"IDAT", b"") if number == 0 else (b"fdAT", struct.pack(">I", order + 1))
        body, order = body + files.chunk(kind, more + data), order + 1 + (number > 0)
    return b"\x89PNG\r\n\x1a\n" + head + body + files.chunk(b"IEND", b"")


BLUE, RED = np.uint8([0, 0, 255, 128]), np.uint8([255, 0, 0, 255])


def test_over_and_disposal_of_an_apng(tmp_path):
    """Pillow gives alpha 191 for the second frame, and dark blue for the fourth."""
    canvas = np.zeros((6, 8, 4), np.uint8)
    whole, part = canvas + RED, np.zeros((3, 4, 4), np.uint8) + BLUE
    parts = [(whole, 0, 0, 0, 0), (part, 2, 1, 2, 1), (part, 0, 0, 1, 1), (part, 1, 1, 0, 1)]
    (tmp_path / "a.png").write_bytes(apng(parts, (8, 6), plays=5))
    read = mk.read_frames(tmp_path / "a.png")
    one, two, three, four = (
        np.dstack([p, np.full(p.shape[:2], 255)]) if p.shape[2] == 3 else p for p in pixels_of(read)
    )
    assert (read.plays, {one.seconds for one in read}) == (5, {Fraction(1, 8)})
    np.testing.assert_array_equal(one, whole)
    want = whole.astype(float)
    want[1:4, 2:6] = over(part.astype(float), want[1:4, 2:6])
    assert np.abs(two - want).max() <= 0.5
    want = whole.astype(float)  # restored
    want[:3, :4] = over(part.astype(float), want[:3, :4])
    assert np.abs(three - want).max() <= 0.5
    want = whole.astype(float)
    want[:3, :4] = 0  # cleared
    want[1:4, 1:5] = over(part.astype(float), want[1:4, 1:5])
    assert np.abs(four - want).max() <= 0.5


def pixels_of(read):
    return [one.picture.pixels for one in read]


def test_a_still_that_is_no_frame_is_left_out(tmp_path):
    content = apng([(np.zeros((4, 5, 4), np.uint8) + RED, 0, 0, 0, 0)] * 2, (5, 4))
    at = content.index(b"fcTL") - 4
    first, rest = content[at : at + 38], content[:at] + content[at + 38 :]
    assert first[4:8] == b"fcTL"
    (tmp_path / "a.png").write_bytes(rest)
    assert len(list(mk.read_frames(tmp_path / "a.png"))) == 1


def gif(canvas, *frames, loops=b""):
    """A GIF from its specification; frames are (left, top, indices, clear, disposal)."""
    table = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    out = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x81, 0, 0) + table + loops
    for left, top, indices, clear, disposal in frames:
        image = Image.fromarray(indices.astype(np.uint8)).convert("P")
        image.putpalette(table)
        file = io.BytesIO()
        image.save(file, "GIF", optimize=False)
        content = file.getvalue()
        start = content.index(b"\x2c\0\0\0\0") + 1
        flags = content[start + 8]
        data = content[start + 9 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0) : -1]
        control = struct.pack("<BHB", disposal << 2 | (clear is not None), 7, clear or 0)
        size = struct.pack("<HHHHB", left, top, indices.shape[1], indices.shape[0], flags & 0x40)
        out += b"\x21\xf9\x04" + control + b"\0\x2c" + size + data
    return out + b"\x3b"


def test_the_canvas_of_a_gif(tmp_path):
    """Pillow fills what a first frame leaves, and a canvas that is too small cuts it."""
    zeros = np.zeros((2, 3), int)
    (tmp_path / "a.gif").write_bytes(gif((5, 4), (1, 1, zeros, None, 1), (0, 0, zeros + 1, None, 1)))
    first, second = pixels_of(mk.read_frames(tmp_path / "a.gif"))
    assert first[0, 0].tolist() == [0, 0, 0, 0]
    assert first[1, 1].tolist() == second[2, 3].tolist() == [255, 0, 0, 255]
    assert second[1, 1].tolist() == [0, 255, 0, 255]
    (tmp_path / "b.gif").write_bytes(gif((1, 1), (1, 0, zeros, None, 2), (0, 0, zeros + 1, 1, 1)))
    read = mk.read_frames(tmp_path / "b.gif")
    assert read.size == (4, 2)
    first, second = pixels_of(read)
    assert first[:, 1:].reshape(-1, 4).tolist() == [[255, 0, 0, 255]] * 6
    assert second.max() == 0  # the first cleared, the second transparent


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_animations_that_pillow_wrote(tmp_path, kind):
    shades = [np.full((16, 24, 3), (40 * number, 90, 200 - 40 * number), np.uint8) for number in range(4)]
    for number, one in enumerate(shades):
        one[:, 4 * number : 4 * number + 8] = 250 - 60 * number
    first, *rest = (Image.fromarray(one) for one in shades)
    how = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}}.get(kind, {})
    times = [100, 200, 50, 300]
    content = files.saved(first, kind, save_all=True, append_images=rest, duration=times, loop=0, **how)
    path = tmp_path / f"a.{kind.lower()}"
    path.write_bytes(content)
    read = mk.read_frames(path)
    assert [int(one.seconds * 1000) for one in read] == times
    assert (read.count, read.plays) == (4, 0)
    shown = [
        np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(Image.open(io.BytesIO(content)))
    ]
    for found, want in zip(pixels_of(read), shown, strict=True):
        np.testing.assert_array_equal(found[..., :3], want)


def test_profiles_are_kept_or_converted(tmp_path):
    from maskkit.codec.matrix_profiles import SRGB_CURVE, matrix_profile
    from maskkit.codec.signalling import _PRIMARIES

    p3 = matrix_profile("P3", _PRIMARIES[12][1], SRGB_CURVE)
    frames = [mk.Frame(mk.Picture(np.full((8, 8, 3), (200, 40, 40), np.uint8), p3), TENTHS[0])] * 2
    for name in ("a.png", "a.webp"):
        read = list(written(tmp_path / name, frames, lossless=name == "a.webp" or None))
        assert [one.picture.icc for one in read] == [p3, p3]
    found = next(iter(written(tmp_path / "a.gif", frames))).picture
    assert found.icc is None
    assert found.pixels[0, 0, 0] > 210  # P3's red is beyond: sRGB has to say it louder


def test_folders_are_read_by_their_numbers(tmp_path):
    for number in (8, 9, 10, 11):
        mk.write(tmp_path / f"shot_{number}.png", np.full((3, 4, 3), number, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    read = mk.read_frames(tmp_path, fps=24)
    assert [int(one[0, 0, 0]) for one in pixels_of(read)] == [8, 9, 10, 11]
    assert {one.seconds for one in read} == {Fraction(1, 24)}
    assert mk.read_frames(f"{tmp_path}/shot_1*.png").count == 2
    mk.write_frames(tmp_path / "again", read)
    assert sorted(one.name for one in (tmp_path / "again").iterdir()) == [
        "shot_10.png", "shot_11.png", "shot_8.png", "shot_9.png",
    ]  # fmt: skip
    (tmp_path / "shot_9.png").rename(tmp_path / "other_9.png")
    with pytest.raises(mk.CodecError, match="more than one sequence"):
        mk.read_frames(tmp_path)
    (tmp_path / "other_9.png").unlink()
    with pytest.raises(mk.CodecError, match="frame 9 is missing"):
        mk.read_frames(tmp_path)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.gif", "a.avif"])
def test_alpha_of_0_and_1_alone_stays(tmp_path, name):
    read = list(written(tmp_path / name, clip(soft=False)))
    for made, came in zip(clip(soft=False), read, strict=True):
        assert (came.picture.pixels[..., 3] == made.picture.pixels[..., 3]).all()
        with Image.open(tmp_path / name) as file:
            assert file.convert("RGBA").getextrema()[3] == (0, 255)


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        ([np.zeros((4, 4, 4), np.uint8)], "frame 1: need a Frame, got ndarray"),
        ([*clip(), Image.new("RGBA", (34, 26))], "frame 5: need a Frame, got Image"),
        ([mk.Frame(np.zeros((4, 4, 4)), TENTHS[0])], "frame 1: need a Picture in it, got ndarray"),
        (7, "frames: need Frames, or an iterable of Frame, got int"),
    ],
)
@pytest.mark.parametrize("target", ["out.webp", "out"])
def test_what_is_no_frame_is_told(tmp_path, target, frames, told):
    with pytest.raises(mk.CodecError, match=f"^{told}$"):
        mk.write_frames(tmp_path / target, frames)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("target", ["out.png", "out.webp", "out.gif", "out.mkv", "out"])
def test_frames_of_different_sizes_leave_nothing(tmp_path, target):
    if target.endswith("mkv"):
        pytest.importorskip("av")
    frames = [*clip(soft=False), mk.Frame(mk.Picture(np.zeros((5, 5, 4), np.uint8)), TENTHS[0])]
    with pytest.raises(
        mk.CodecError, match="frame 5: frames of different sizes: 5x5 where the first has 34x26"
    ):
        mk.write_frames(tmp_path / target, frames)
    with pytest.raises(mk.CodecError, match="at least one"):
        mk.write_frames(tmp_path / target, [])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_another_size_in_it(tmp_path):
    for number, side in enumerate((4, 4, 5)):
        mk.write(tmp_path / f"{number}.png", np.zeros((side, 4, 3), np.uint8))
    with pytest.raises(
        mk.CodecError, match=r"2\.png: frames of different sizes: 4x5 where the first has 4x4"
    ):
        list(mk.read_frames(tmp_path))


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.gif"])
def test_an_animation_cut_short_is_told(tmp_path, name):
    mk.write_frames(tmp_path / name, clip(soft=False))
    content = (tmp_path / name).read_bytes()
    for cut in (len(content) - 1, len(content) - 40, len(content) // 2, 60):
        (tmp_path / name).write_bytes(content[:cut])
        with pytest.raises(mk.CodecError) as told:
            list(mk.read_frames(tmp_path / name))
        assert "\n" not in str(told.value)


def test_names_that_say_nothing(tmp_path):
    with pytest.raises(mk.CodecError, match=r"unknown container '.tga'; need one of .png, .apng, .webp"):
        mk.write_frames(tmp_path / "a.tga", clip())
    with pytest.raises(mk.CodecError, match="cannot be read"):
        mk.read_frames(tmp_path / "missing.gif")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(mk.CodecError, match="is there already and not empty"):
        mk.write_frames(tmp_path / "full", clip())
    with pytest.raises(mk.CodecError, match="holds no pictures"):
        mk.read_frames(tmp_path / "full")
    with pytest.raises(mk.PixelError, match="fps: need a finite number above 0"):
        mk.read_frames(tmp_path / "full", fps=0)
    pytest.importorskip("av")
    (tmp_path / "a.mp4").write_bytes(b"no video at all, but text " * 9)
    with pytest.raises(mk.CodecError, match="no video"):
        mk.read_frames(tmp_path / "a.mp4")


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.gif"])
def test_memory_does_not_grow_with_the_number(tmp_path, name):
    def peak(count):
        flat = np.zeros((120, 160, 4), np.uint8)
        flat[..., 3] = 255
        frames = (mk.Frame(mk.Picture(flat + np.uint8([n % 2, 0, 0, 0])), TENTHS[0]) for n in range(count))
        tracemalloc.start()
        mk.write_frames(tmp_path / name, frames)
        for _ in mk.read_frames(tmp_path / name):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(2)
    assert peak(60) < peak(6) + 4 * 120 * 160 * 4


@pytest.mark.service
@pytest.mark.skipif(not FFMPEG, reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    ("name", "decoder", "worst"),
    [("a.png", "apng", 0), ("a.mkv", "ffv1", 0), ("a.mov", "prores", 3), ("a.webm", "libvpx-vp9", 8)],
)
def test_another_build_of_ffmpeg_sees_the_same(tmp_path, name, decoder, worst):
    pytest.importorskip("av")
    mk.write_frames(tmp_path / name, clip(), lossless=name == "a.webm" or None)
    words = [FFMPEG, "-v", "error", "-c:v", decoder, "-i", str(tmp_path / name), "-fps_mode", "passthrough"]
    words += ["-f", "rawvideo", "-pix_fmt", "rgba", "-sws_flags", "accurate_rnd+full_chroma_int", "-"]
    done = subprocess.run(words, capture_output=True, check=True)
    seen = np.frombuffer(done.stdout, np.uint8).reshape(-1, 26, 34, 4)
    for found, (want, _, _) in zip(seen, clip(), strict=True):
        off = np.abs(found.astype(int) - want.pixels)
        assert off[..., 3].max() <= (1 if worst else 0)
        assert off[..., :3].max() <= worst


PAGE = """<script>
const show = async () => {
  const answer = await fetch("/frames"), kind = answer.headers.get("Content-Type");
  const decoder = new ImageDecoder({data: await answer.arrayBuffer(), type: kind, premultiplyAlpha: "none"});
  await decoder.tracks.ready;
  const track = decoder.tracks.selectedTrack, told = [track.frameCount, track.repetitionCount];
  for (let at = 0; at < track.frameCount; at++) {
    const frame = (await decoder.decode({frameIndex: at})).image;
    const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
    const pen = canvas.getContext("2d");
    pen.drawImage(frame, 0, 0);
    const seen = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    told.push([frame.duration, canvas.width, Array.from(seen)]);
  }
  return told;
};
show().catch(error => "failed: " + error)
  .then(told => fetch("/told", {method: "POST", body: JSON.stringify(told)}));
</script>"""


def told_by_chromium(folder, file, kind):
    """What the page in Chromium answers of the frames in ``file``, waited for however slow the browser is."""
    told = queue.SimpleQueue()

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self):
            body, media = (
                (file.read_bytes(), kind) if self.path == "/frames" else (PAGE.encode(), "text/html")
            )
            self.send_response(200)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}"]
        browser = subprocess.Popen(
            [*words, f"http://127.0.0.1:{server.server_port}/"],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return told.get(timeout=120)
        finally:
            os.killpg(browser.pid, signal.SIGKILL)  # its own processes too
            browser.wait()
            server.shutdown()


@pytest.mark.service
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
@pytest.mark.parametrize(
    ("name", "kind"), [("a.png", "image/png"), ("a.webp", "image/webp"), ("a.gif", "image/gif")]
)
def test_chromium_sees_the_same(tmp_path, name, kind):
    mk.write_frames(tmp_path / name, clip(soft=False), plays=3, lossless=name == "a.webp" or None)
    count, repeats, *frames = told_by_chromium(tmp_path / "browser", tmp_path / name, kind)
    assert (count, repeats) == (4, 2 if kind != "image/gif" else repeats)
    for (micros, width, seen), (want, seconds, _) in zip(frames, clip(soft=False), strict=True):
        assert Fraction(micros, 1_000_000) == seconds
        found = np.array(seen).reshape(-1, width, 4)
        np.testing.assert_array_equal(found[..., 3], want.pixels[..., 3])
        kept = found[..., 3] > 0
        off = np.abs(found[..., :3] - want.pixels[..., :3])[kept]
        assert off.max() <= (16 if kind == "image/gif" else 0)
