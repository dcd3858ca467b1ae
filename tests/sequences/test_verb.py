"""Frames cut out and composited: each as a still would be, and what lies beside them in step."""

import io
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

import maskkit as mk
from maskkit.sequences.steady import Steady

SECONDS = [Fraction(one, 10) for one in (1, 3, 2, 5)]


def photo(number):
    pixels = np.full((40, 50, 3), (90, 120, 200), np.uint8)
    pixels[8 + number : 28 + number, 12:34] = (200, 40, 30)
    return pixels


def mask(number):
    found = np.zeros((40, 50), np.uint8)
    found[8 + number : 28 + number, 12:34] = 255
    found[7 + number, 12:34] = 100
    return found


@pytest.fixture
def clip(tmp_path):
    frames = (mk.Frame(mk.Picture(photo(n)), SECONDS[n]) for n in range(4))
    mk.write_frames(tmp_path / "in.webp", frames, plays=7, lossless=True)
    for number in range(4):
        (tmp_path / "masks").mkdir(exist_ok=True)
        mk.write(tmp_path / "masks" / f"m{number}.png", mask(number))
    return tmp_path


def pixels_of(path):
    return [one.picture.pixels for one in mk.read_frames(path)]


def test_each_frame_is_what_a_still_is(clip):
    made = mk.frames(clip / "in.webp", clip / "out.png", clip / "masks", feather=1.5, grow=-1)
    assert (made.count, made.size, made.seconds, made.source, made.empty) == (4, (50, 40), 1.1, "given", 0)
    read = mk.read_frames(clip / "out.png")
    assert (read.plays, [one.seconds for one in read]) == (7, SECONDS)
    for number, found in enumerate(pixels_of(clip / "out.png")):
        want = mk.cutout(photo(number), mask(number), feather=1.5, grow=-1)
        np.testing.assert_array_equal(found, want.pixels)


def test_masks_of_every_kind(clip):
    listed = [mask(number) for number in range(4)]
    mk.write_frames(clip / "masks.png", (mk.Frame(mk.Picture(one), SECONDS[0]) for one in listed))
    want = [mk.cutout(photo(number), mask(number)).pixels for number in range(4)]
    for given in (
        listed,
        iter(listed),
        clip / "masks.png",
        mk.read_frames(clip / "masks"),
        f"{clip}/masks/*.png",
    ):
        mk.frames(clip / "in.webp", clip / "out.png", given)
        np.testing.assert_array_equal(pixels_of(clip / "out.png"), want)
    mk.write(clip / "one.png", mask(2))
    mk.frames(clip / "in.webp", clip / "out.png", clip / "one.png", plays=1, product="mask")
    assert mk.read_frames(clip / "out.png").plays == 1
    for found in pixels_of(clip / "out.png"):
        np.testing.assert_array_equal(found[..., 0], mask(2))


@pytest.mark.parametrize("format", ["png", "apng", "webp", "gif"])
def test_bytes_and_binary_files_as_by_their_paths(clip, format):
    backdrop = clip / "behind.gif"
    mk.write_frames(backdrop, (mk.Frame(mk.Picture(photo(n)[::-1].copy()), SECONDS[0]) for n in (0, 2)))
    mk.write_frames(clip / "masks.png", (mk.Frame(mk.Picture(mask(n)), SECONDS[0]) for n in range(4)))
    places = clip / "in.webp", clip / "masks.png", backdrop
    made = io.BytesIO(b"written over"), io.BytesIO()
    told = [
        mk.frames(given[0], file, given[1], backdrop=given[2], format=format)
        for given, file in zip((places, [one.read_bytes() for one in places]), made, strict=True)
    ]
    path = clip / f"out.{format}"
    with places[0].open("rb") as file:
        mk.frames(file, path, places[1], backdrop=backdrop)
    assert told[0] == told[1]
    assert made[0].getvalue() == made[1].getvalue() == path.read_bytes()


def test_what_is_in_memory_is_named(clip):
    content = (clip / "in.webp").read_bytes()
    with pytest.raises(mk.CodecError, match=r"^mask: is cut short"):
        mk.frames(content, io.BytesIO(), content[:-30], format="gif")
    with pytest.raises(mk.CodecError, match=r"^the bytes given: .* a video is read from its path"):
        mk.read_frames(b"\0\0\0\x18ftypmp42" + bytes(99))
    with pytest.raises(mk.CodecError, match=r"^format: a file object has no extension"):
        mk.frames(content, io.BytesIO())
    with pytest.raises(mk.PixelError, match=r"^format: .*'tiff'"):
        mk.write_frames(io.BytesIO(), mk.read_frames(content), format="tiff")


def test_masks_and_backdrops_are_no_larger_than_allowed(clip):
    found = mk.read_frames(clip / "in.webp")
    for name, pixels in (("mask", mask(0)), ("backdrop", photo(0))):
        beside = {name: mk.encode(pixels, "png")}
        with pytest.raises(mk.CodecError, match=f"^{name}: .*max_pixels is 1999"):
            mk.frames(found, io.BytesIO(), **beside, max_pixels=1999, format="gif")


@pytest.mark.parametrize("count", [3, 5])
@pytest.mark.parametrize("lazily", [False, True])
def test_as_many_masks_as_frames(clip, count, lazily):
    masks = [mask(number % 4) for number in range(count)]
    with pytest.raises(mk.CodecError, match=r"mask: need one for each of \d frames, got \d"):
        mk.frames(clip / "in.webp", clip / "out.png", iter(masks) if lazily else masks)
    assert not (clip / "out.png").exists()


def test_over_a_colour_a_still_and_another_sequence(clip):
    frames = mk.frames(clip / "in.webp", clip / "out.png", clip / "masks", backdrop="#336699", shadow="drop")
    assert frames.count == 4
    want = mk.cutout(photo(1), mask(1)).over("#336699", shadow="drop")
    np.testing.assert_array_equal(pixels_of(clip / "out.png")[1], want.pixels)
    rng = np.random.default_rng(0)
    mk.write(clip / "still.png", rng.integers(0, 256, (30, 90, 3)).astype(np.uint8))
    mk.frames(clip / "in.webp", clip / "out.png", clip / "masks", backdrop=clip / "still.png", fit="contain")
    want = mk.cutout(photo(3), mask(3)).over(clip / "still.png", fit="contain")
    np.testing.assert_array_equal(pixels_of(clip / "out.png")[3], want.pixels)
    shades = [np.full((40, 50, 3), shade, np.uint8) for shade in (10, 20, 30)]
    running = (mk.Frame(mk.Picture(one), Fraction(2, 10)) for one in shades)
    mk.write_frames(clip / "behind.webp", running, lossless=True)
    mk.frames(clip / "in.webp", clip / "out.png", clip / "masks", backdrop=str(clip / "behind.webp"))
    # frames begin at 0, .1, .4 and .6 s; the backdrop begins again at .6
    assert [int(one[0, 0, 0]) for one in pixels_of(clip / "out.png")] == [10, 10, 30, 10]


def test_estimates_are_made_frame_by_frame(clip):
    made = mk.frames(clip / "in.webp", clip / "out.webp", source="classical", lossless=True)
    assert made.source == "classical"
    assert 0 < made.confidence <= 1
    for number, found in enumerate(pixels_of(clip / "out.webp")):
        inside, kept = mask(number) > 200, found[..., 3] > 127
        assert (inside & kept).sum() / (inside | kept).sum() > 0.95


@pytest.mark.filterwarnings("ignore:the mask is all")
def test_empty_masks_are_counted(clip):
    masks = [mask(0), mask(1) * 0, mask(2), mask(3) * 0]
    with pytest.warns(mk.MaskkitWarning, match="nothing is kept in 2 of 4 frames"):
        assert mk.frames(clip / "in.webp", clip / "out.png", masks).empty == 2


def test_what_would_jump_or_cost_is_refused(clip):
    for name, value in {"trim": 4, "margin": "5%", "fill": 0.5, "preset": "amazon"}.items():
        with pytest.raises(mk.PixelError, match=f"{name}: would make the subject jump"):
            mk.frames(clip / "in.webp", clip / "out.png", recipe=mk.Recipe(**{name: value}))
    with pytest.raises(mk.PixelError, match="frame: is of a single file"):
        mk.frames(clip / "in.webp", clip / "out.png", frame=2)
    with pytest.raises(mk.PixelError, match="'adobe' is paid for every frame"):
        mk.frames(clip / "in.webp", clip / "out.png", source="adobe")
    with pytest.raises(mk.PixelError, match="did you mean 'feather'"):
        mk.frames(clip / "in.webp", clip / "out.png", feathr=2)
    with pytest.raises(mk.PixelError, match="steady: need 0 to 1"):
        mk.frames(clip / "in.webp", clip / "out.png", steady=2)
    with pytest.raises(mk.CodecError, match="is read while it is written"):
        mk.frames(clip / "in.webp", clip / "in.webp", clip / "masks")
    assert sorted(one.name for one in clip.iterdir()) == ["in.webp", "masks"]


def test_sound_is_told(clip):
    av = pytest.importorskip("av")
    mk.frames(clip / "in.webp", clip / "mute.mp4", clip / "masks", backdrop="white")
    with av.open(str(clip / "loud.mkv"), "w") as file:
        pictures, sound = file.add_stream("ffv1", rate=25), file.add_stream("pcm_s16le", rate=8000)
        pictures.width, pictures.height, pictures.pix_fmt = 50, 40, "bgra"
        for number in range(2):
            frame = av.VideoFrame.from_ndarray(photo(number), format="rgb24").reformat(format="bgra")
            file.mux(pictures.encode(frame))
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 4608), np.int16), format="s16", layout="mono")
        tone.sample_rate, tone.pts = 8000, 0
        file.mux(sound.encode(tone))
        file.mux(pictures.encode(None))
    with pytest.warns(mk.MaskkitWarning, match=r"loud\.mkv: its sound is left out"):
        made = mk.frames(clip / "loud.mkv", clip / "out.webm", mask(0))
    assert made.count == 2


# ---- masks over time


def scene(number, rng):
    """A textured disc before a textured ground, both moving, and its mask."""
    noise = (np.random.default_rng(seed).integers(0, 255, (200, 260, 3)) for seed in (1, 2))
    ground, disc = (cv2.GaussianBlur(one.astype(np.uint8), (0, 0), 2) * 0.8 for one in noise)
    disc += 50
    down, across = np.mgrid[:160, :200]
    inside = np.clip(36 - np.hypot(across - 70 - 3 * number, down - 70 - number), 0, 1)
    moved = disc[20 - number : 180 - number, 40 - 3 * number : 240 - 3 * number]
    picture = ground[:160, number : 200 + number] * (1 - inside[..., None]) + moved * inside[..., None]
    picture += rng.normal(0, 3, picture.shape)
    return picture.clip(0, 255).astype(np.uint8), inside.astype(np.float32)


def test_flicker_is_smoothed_and_what_moves_stays_sharp():
    rng = np.random.default_rng(5)
    scenes = [scene(number, rng) for number in range(10)]
    wavering = [
        mk.masks.adjust(truth, grow=float(rng.normal(0, 1.5))).astype(np.float32) for _, truth in scenes
    ]
    steady = Steady(0.5)
    smooth = [steady.mask(picture, one) for (picture, _), one in zip(scenes, wavering, strict=True)]

    def flicker(masks):
        errors = [one - truth for one, (_, truth) in zip(masks, scenes, strict=True)]
        return np.mean([np.abs(after - before).mean() for before, after in pairwise(errors)])

    def missed(masks):
        return np.mean([np.abs(one - truth).mean() for one, (_, truth) in zip(masks, scenes, strict=True)])

    assert flicker(smooth) < 0.85 * flicker(wavering)
    assert missed(smooth) < missed(wavering)
    clean, again = Steady(0.5), []
    for picture, truth in scenes:
        again.append(clean.mask(picture, truth))
    assert missed(again) < 0.002


def test_a_still_scene_and_a_cut():
    picture = scene(0, np.random.default_rng(0))[0]
    steady = Steady(0.5)
    assert steady.mask(picture, np.ones((160, 200), np.float32)).min() == 1
    half = steady.mask(picture, np.zeros((160, 200), np.float32))
    assert abs(half - 0.5).max() < 0.01
    cut = steady.mask(255 - picture[::-1], np.zeros((160, 200), np.float32))
    assert cut.max() == 0
