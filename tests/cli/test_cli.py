"""The command line through a process: results, reports, pipes, errors, exit codes."""

import io
import json
import re

import numpy as np
import pytest
from cli_process import maskkit
from PIL import Image

import maskkit as mk
from maskkit.cli.commands import _LINES


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_cutout_says_where_the_mask_came_from_the_size_and_the_time(folder):
    line = maskkit("cutout", "photo.png", "-o", "cutout.png", cwd=folder).stdout.decode()
    maker = r"plain backdrop(?: and onnx u2netp on [\w ]+)?"
    assert re.fullmatch(rf"cutout.png: 80x60, mask: {maker} \(confidence [01]\.\d\d\), \d+\.\d\d s\n", line)
    assert mk.read(folder / "cutout.png").pixels.shape == (60, 80, 4)


def test_cutout_by_a_mask_is_what_the_library_gives(folder):
    maskkit("cutout", "photo.png", "-m", "mask.png", "-o", "c.png", "--feather", 2, "--grow", -1, cwd=folder)
    expected = mk.cutout(folder / "photo.png", folder / "mask.png", feather=2, grow=-1).pixels
    assert np.array_equal(pixels(folder / "c.png"), expected)


def test_trim_hidden_and_json(folder):
    arguments = ["-m", "mask.png", "-o", "c.png", "--trim", 2, "--hidden", "clear", "--json"]
    facts = json.loads(maskkit("cutout", "photo.png", *arguments, cwd=folder).stdout)
    assert facts["size"] == [34, 34]
    assert facts["mask"] == {"source": "given", "confidence": None, "advice": None}
    assert pixels(folder / "c.png")[0, 0].tolist() == [0, 0, 0, 0]


def test_composite_is_what_the_library_gives(folder):
    options = ["-b", "linear:#123;white@90", "--mode", "multiply", "--opacity", "0.7", "--linear"]
    maskkit("composite", "photo.png", "-m", "mask.png", "-o", "c.png", *options, cwd=folder)
    subject = mk.cutout(folder / "photo.png", folder / "mask.png")
    expected = subject.over("linear:#123;white@90", mode="multiply", opacity=0.7, linear=True).pixels
    assert np.array_equal(pixels(folder / "c.png"), expected)


def test_composite_over_a_file_the_blurred_photo_and_into_jpeg(folder):
    Image.new("RGB", (5, 5), (10, 20, 200)).save(folder / "sea.png")
    maskkit("composite", "photo.png", "-m", "mask.png", "-b", "sea.png", "-o", "c.png", cwd=folder)
    assert pixels(folder / "c.png")[0, 0].tolist() == [10, 20, 200]
    arguments = ["-b", "blur:5", "-o", "c.jpg", "--quality", "95", "--trim", "4"]
    maskkit("composite", "photo.png", "-m", "mask.png", *arguments, cwd=folder)
    assert np.abs(pixels(folder / "c.jpg")[0, 0].astype(int) - 230).max() <= 8  # JPEG rings


def test_effects_are_what_the_library_gives(folder):
    asked = ["--shadow", "contact;drop,y=5", "--outline", "3,color=gold", "--glow", "4", "--lens-blur", "2"]
    asked += ["--reflection", "0.4", "--tint-match", "0.4", "--light-wrap", "0.5,radius=3"]
    arguments = ["-m", "mask.png", "-b", "linear:navy;gold", "-o", "c.png", *asked]
    maskkit("composite", "photo.png", *arguments, cwd=folder)
    expected = mk.cutout(folder / "photo.png", folder / "mask.png").over(
        "linear:navy;gold", shadow=["contact", {"kind": "drop", "y": 5}], outline="3,color=gold", glow=4,
        reflection=0.4, lens_blur=2, tint_match=0.4, light_wrap={"amount": 0.5, "radius": 3},
    )  # fmt: skip
    assert np.array_equal(pixels(folder / "c.png"), expected.pixels)


def test_placement_and_where_it_went(folder):
    asked = ["--canvas", "200x100", "--fill", "0.8", "--position", "bottom right", "--margin", "5", "--json"]
    arguments = ["-m", "mask.png", "-b", "white", "-o", "c.png", *asked]
    facts = json.loads(maskkit("composite", "photo.png", *arguments, cwd=folder).stdout)
    assert np.abs(np.subtract(facts["placed"]["box"], [115, 15, 195, 95])).max() <= 1
    red = pixels(folder / "c.png")[..., 1] < 128
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    found = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    assert np.abs(np.subtract(found, facts["placed"]["box"])).max() <= 1


def test_more_outputs_of_one_photo_and_one_mask(folder):
    more = ["--also", "200x100:white.jpg", "--also", "thumb:80x80:20.png", "--also", "mask.png"]
    arguments = ["-m", "mask.png", "-o", "c.png", "--fill", "0.8", "--json", *more]
    facts = json.loads(maskkit("cutout", "photo.png", *arguments, cwd=folder).stdout)
    wide, thumb, _ = facts["also"]
    assert [one["output"] for one in facts["also"]] == ["c.200x100-white.jpg", "c.thumb.png", "c.mask.png"]
    assert [one["size"] for one in facts["also"]][:2] == [[200, 100], [20, 20]]
    alpha = pixels(folder / "c.thumb.png")[..., 3] > 127
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    found = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    assert np.abs(np.subtract(found, thumb["placed"]["box"])).max() <= 1
    alone = ["-m", "mask.png", "-o", "alone.jpg", "--fill", "0.8", "--canvas", "200x100", "-b", "white"]
    there = json.loads(maskkit("cutout", "photo.png", *alone, "--json", cwd=folder).stdout)
    assert (there["placed"], there["size"]) == (wide["placed"], wide["size"])
    assert (folder / "alone.jpg").read_bytes() == (folder / "c.200x100-white.jpg").read_bytes()


def test_a_scale_alone_is_on_a_canvas_of_the_photos_size(folder):
    words = ("cutout", "photo.png", "-m", "mask.png", "-o", "x.png", "--scale", "0.5")
    maskkit(*words, cwd=folder)
    small = mk.read(folder / "x.png").pixels
    assert small.shape == (60, 80, 4)
    assert mk.masks.bounding_box(small[..., 3], 0.5) == (32, 22, 48, 38)


def test_a_logo_at_a_place_of_a_photo_of_its_own_size(folder):
    Image.new("RGB", (120, 90), (200, 100, 255)).save(folder / "sea.png")
    asked = ["--at", "70,50", "--scale", "0.5", "--mode", "multiply", "--trim", "0"]
    maskkit("composite", "photo.png", "-m", "mask.png", "-b", "sea.png", "-o", "c.png", *asked, cwd=folder)
    made = pixels(folder / "c.png")
    assert made.shape[:2] == (90, 120)
    assert made[57, 77, :3].tolist() == [149, 16, 30]  # 190, 40, 30 times 200, 100, 255, over 255
    assert made[10, 10, :3].tolist() == [200, 100, 255]


def test_a_webp_on_standard_output_trimmed_above_a_level(folder):
    soft = np.zeros((60, 80), np.uint8)
    soft[5, 5], soft[20:30, 30:40] = 9, 255
    Image.fromarray(soft).save(folder / "soft.png")
    asked = ["--trim", "1", "--trim-level", "0.1", "--to", "webp", "--lossless"]
    made = maskkit("cutout", "photo.png", "-m", "soft.png", "-o", "-", *asked, cwd=folder).stdout
    assert made[8:12] == b"WEBP"
    assert pixels(io.BytesIO(made)).shape == (12, 12, 4)


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (["-b", "whit"], 1, "did you mean 'white'"),
        (["-b", "white", "--outline", "4,color=gren"], 2, "did you mean 'green'"),
        (["-b", "white", "--shadow", "drp"], 2, "did you mean 'drop'"),
        (["-b", "white", "--canvas", "0x50"], 2, "--canvas: need at least 1x1, got 0x50"),
        (["-b", "white", "--fill", "0"], 1, "--fill: need a share above 0"),
        (["-b", "white", "--at", "5000,0"], 1, "--at: nothing of the subject would be on the canvas"),
        (["-b", "white", "--margin", "60%"], 1, "--margin: leaves no room"),
        (["-b", "white", "--preset", "amazn"], 2, "did you mean 'amazon'"),
        (["-b", "white", "--canvas", "99999x99999"], 1, "--canvas: 99999x99999 is 9999800001 pixels"),
        (["-b", "checkerbord"], 1, "--backdrop: 'checkerbord' is neither a file, nor"),
        (["-b", "checkerbord"], 1, "did you mean 'checkerboard'"),
        (["-b", "linear:red,bleu"], 1, "--backdrop: colour: need a CSS colour"),
        (["-b", "lens:-2"], 1, "--backdrop: radius: need a finite number"),
        (["-b", "white", "--glow", "4,colour=red"], 2, "--glow: has no colour; did you mean 'color'"),
    ],
)
def test_a_misspelt_effect_or_a_placement_that_leaves_nothing_is_one_line(folder, asked, code, said):
    run = maskkit("composite", "photo.png", "-m", "mask.png", "-o", "x.png", *asked, cwd=folder, check=code)
    assert said in run.stderr.decode()
    assert "Traceback" not in run.stderr.decode()
    assert not (folder / "x.png").exists()


def test_info_says_what_a_picture_holds(folder):
    maskkit("cutout", "photo.png", "-m", "mask.png", "-o", "c.png", cwd=folder)
    facts = json.loads(maskkit("info", "c.png", "--json", cwd=folder).stdout)
    assert (facts["size"], facts["channels"], facts["dtype"]) == ([80, 60], 4, "uint8")
    assert facts["alpha"] == {"opaque": 0.1875, "soft": 0.0, "transparent": 0.8125}
    assert facts["subject"] == [25, 15, 55, 45]
    said = maskkit("info", "c.png", cwd=folder).stdout.decode()
    assert "alpha:       18.8% opaque, 0.0% soft, 81.2% transparent" in said
    assert "subject:     (25, 15, 55, 45)" in said
    assert b"alpha:       none" in maskkit("info", "photo.png", cwd=folder).stdout


def test_info_build_names_kernels_and_versions():
    facts = json.loads(maskkit("info", "--build", "--json").stdout)
    assert facts["maskkit"] == mk.__version__
    assert facts["kernels"]
    assert set(facts["libraries"]) >= {"numpy", "pillow"}


def test_pipes(folder):
    photo = (folder / "photo.png").read_bytes()
    run = maskkit("cutout", "-", "-m", folder / "mask.png", "-o", "-", stdin=photo)
    assert Image.open(io.BytesIO(run.stdout)).size == (80, 60)
    assert run.stderr.decode().startswith("standard output: 80x60, mask: given")


def test_mask_binary_and_inverted(folder):
    maskkit("mask", "photo.png", "-o", "m.png", "--mask-type", "binary", "--invert", cwd=folder)
    mask = pixels(folder / "m.png")
    assert set(np.unique(mask)) == {0, 255}
    assert (mask[20, 30], mask[2, 2]) == (0, 255)


def test_version_help_and_completion(folder, monkeypatch):
    assert maskkit("--version").stdout.decode().strip() == f"maskkit {mk.__version__}"
    for command in ("mask", "cutout", "composite"):
        assert b"maskkit " + command.encode() + b" photo.jpg" in maskkit(command, "--help").stdout
    # named here, where a check without a terminal may have no shell above it to be found
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    assert b"_MASKKIT_COMPLETE=complete_bash" in maskkit("--show-completion", "bash").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["cutout", "nowhere.png", "-o", "c.png"], 1, "maskkit: nowhere.png"),
        (["cutout", ".", "-o", "c.png"], 2, "is a folder"),
        (["cutout", "empty.png", "-o", "c.png"], 1, "maskkit: empty.png"),
        (["cutout", "text.png", "-o", "c.png"], 1, "maskkit: text.png"),
        (
            ["cutout", "photo.png", "-m", "small.png", "-o", "c.png"],
            1,
            "mask: need 80x60 (width x height), the size of image, got 40x30",
        ),
        (["cutout", "photo.png", "-m", "photo.png", "-o", "c.png"], 1, "a mask is grey"),
        (["cutout", "photo.png", "-m", "mask.png", "-o", "c.xyz"], 1, "unknown extension"),
        (["cutout", "photo.png", "-m", "mask.png", "-o", "no/such/c.png"], 1, "maskkit: "),
        (["cutout", "photo.png", "-m", "mask.png", "-o", "c.jpg"], 1, "holds no transparency"),
        (["cutout", "photo.png"], 2, "--output"),
        (["composite", "photo.png", "-o", "c.png"], 2, "--backdrop"),
        (["composite", "photo.png", "-m", "mask.png", "-o", "c.png", "-b", "bluish"], 1, "neither a file"),
        (["composite", "photo.png", "-o", "c.png", "-b", "red", "--mode", "mul"], 2, "multiply"),
        (["info", "c.png", "--build"], 2, "need either"),
        (["info", "text.png"], 1, "text.png"),
        (["cutout", "photo.png", "-o", "c.png", "--threshold", "3"], 2, "--threshold"),
        (["cutout", "photo.png", "-o", "c.png", "--hidden", "no"], 2, "--hidden"),
        (["cutout", "photo.png", "-o", "c.png", "--no-such-option"], 2, "--no-such-option"),
        (["cuttout"], 2, "cuttout"),
    ],
)
def test_errors_are_one_line_with_an_exit_code(arguments, code, words, folder):
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("hello")
    Image.new("L", (40, 30)).save(folder / "small.png")
    before = sorted(folder.iterdir())
    run = maskkit(*arguments, cwd=folder, check=code)
    assert words in run.stderr.decode()
    if code == 1:
        assert run.stderr.decode().count("\n") == 1
    assert sorted(folder.iterdir()) == before  # nothing half-written stays


def test_cmyk_is_converted_when_asked(folder):
    Image.new("CMYK", (80, 60), (255, 0, 0, 0)).save(folder / "print.jpg")
    arguments = ["cutout", "print.jpg", "-m", "mask.png", "-o", "c.png"]
    assert "--to-srgb" in maskkit(*arguments, cwd=folder, check=1).stderr.decode()
    maskkit(*arguments, "--to-srgb", cwd=folder)
    assert pixels(folder / "c.png")[0, 0, 0] < 60


def test_a_cap_on_pixels(folder):
    run = maskkit("info", "photo.png", "--max-pixels", 1000, cwd=folder, check=1)
    assert "1000" in run.stderr.decode().replace(",", "")


def test_a_flat_mask_warns_and_goes_on(folder):
    Image.new("L", (80, 60), 0).save(folder / "none.png")
    run = maskkit("cutout", "photo.png", "-m", "none.png", "-o", "c.png", cwd=folder)
    assert run.stderr.decode() == "maskkit: warning: the mask is all 0: nothing is kept\n"
    assert (folder / "c.png").exists()


def test_an_empty_mask_that_leaves_no_subject_for_an_effect_is_said_once(folder, recwarn):
    Image.new("L", (80, 60), 0).save(folder / "none.png")
    words = ["composite", "photo.png", "-m", "none.png", "-b", "white", "--shadow", "drop", "-o", "c.png"]
    said = maskkit(*words, cwd=folder, check=1).stderr.decode()
    assert said == "maskkit: --mask: is all 0, so there is no subject for the shadow\n"
    recipe = mk.Recipe(shadow="drop", product="composite", backdrop="white")
    with pytest.raises(mk.PixelError, match="no subject for the shadow"):
        mk.replay(recipe, folder / "photo.png", folder / "none.png")
    assert not recwarn


def test_every_command_that_is_listed_is_there_under_its_name():
    listed = maskkit("--help").stdout.decode().partition("Commands:")[2]
    names = re.findall(r"^  ([a-z][a-z-]*) ", listed, re.MULTILINE)
    assert names == list(_LINES)
    assert "..." not in listed, "a line is cut short at 80 columns"
    for name in names:
        assert maskkit(name, "--help").stdout.decode().startswith(f"Usage: maskkit {name} [OPTIONS]")


def test_a_misspelt_command_is_told_the_right_one():
    assert b"Did you mean 'cutout'?" in maskkit("cutot", check=2).stderr
