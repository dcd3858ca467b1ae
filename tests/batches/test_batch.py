"""The verb: what is made of many pictures, what is refused, what is done again."""

import concurrent.futures
import errno
import json
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from batches.conftest import fill, hashes, opened, pair
from PIL import Image

import maskkit as mk
from maskkit.batches.failures import Failures
from maskkit.batches.planning import Places, survey
from maskkit.batches.tasks import Setup
from maskkit.errors import CodecError, MaskkitError, PixelError


def batch(folder, photos="photos", **options):
    options = {"masks": folder / "masks", "executor": "threads"} | options
    names = [photos] if isinstance(photos, str) else photos
    return mk.batch([folder / one for one in names], folder / "out", **options)


def failures(folder):
    lines = (folder / "out.batch/failures.jsonl").read_text().splitlines()
    return {Path(one["photo"]).name: one["reason"] for one in map(json.loads, lines)}


def test_every_photo_is_cut_by_its_mask(folder):
    summary = batch(folder)
    assert (summary.done, summary.failed, summary.ok) == (6, 0, True)
    for number in range(6):
        photo, mask = pair(number)
        made = opened(folder / f"out/{number:03}.png")[2]
        assert (made == np.dstack([photo, mask])).all()
    assert not list(folder.rglob("*.part"))


def test_processes_and_an_executor_that_is_given_write_the_same_bytes(folder):
    batch(folder)
    alone = hashes(folder / "out")
    for executor in ("processes", concurrent.futures.ThreadPoolExecutor(2)):
        batch(folder, executor=executor, force=True, workers=2)
        assert hashes(folder / "out") == alone
    executor.submit(int).result()  # it is its owner's to end


def test_folders_keep_their_structure_and_globs_the_part_with_wildcards(folder):
    (folder / "photos/a/b").mkdir(parents=True)
    (folder / "photos/001.png").rename(folder / "photos/a/b/001.png")
    (folder / "photos/notes.txt").write_text("no photo")
    (folder / "photos/._000.png").write_text("no photo")
    assert batch(folder, masks=None, mask=pair(0)[1]).done == 6
    assert (folder / "out/a/b/001.png").exists()
    summary = mk.batch(folder / "photos/**/00[12].png", folder / "some", mask=pair(0)[1], executor="threads")
    assert summary.done == 2
    assert sorted(hashes(folder / "some")) == ["002.png", "a/b/001.png"]


def test_one_failure_stops_no_other_and_is_told_with_its_reason(folder):
    (folder / "photos/002.png").write_bytes(b"not a picture")
    (folder / "masks/004.png").unlink()
    heard = []
    summary = batch(folder, progress=heard.append)
    assert (summary.done, summary.failed, summary.ok) == (4, 2, False)
    assert {one.name for one in heard if not one.ok} == {"002.png", "004.png"}
    told = failures(folder)
    assert "not an image" in told["002.png"]
    assert "004.png" in told["004.png"]
    assert "No such file" in told["004.png"]


def test_what_failed_is_made_again_when_it_is_asked_for_or_has_changed(folder):
    (folder / "photos/002.png").write_bytes(b"not a picture")
    batch(folder)
    assert (batch(folder).kept, batch(folder).failed) == (5, 1)
    fill(folder, 1, start=2)
    assert batch(folder).done == 1
    assert not (folder / "out.batch/failures.jsonl").exists()
    (folder / "masks/003.png").rename(folder / "hidden")
    assert batch(folder).failed == 1
    (folder / "hidden").rename(folder / "masks/003.png")
    assert batch(folder, retry_failed=True).done + batch(folder).kept >= 6


def test_only_what_changed_is_made_again(folder):
    batch(folder)
    Image.fromarray(pair(77)[0]).save(folder / "photos/001.png")
    os.utime(folder / "photos/003.png", (1, 1))  # another time, the same content
    (folder / "out/005.png").unlink()
    heard = []
    summary = batch(folder, progress=heard.append)
    assert {one.name for one in heard if one.state == "done"} == {"001.png", "005.png"}
    assert summary.kept == 4
    assert batch(folder).kept == 6
    assert batch(folder, feather=1).done == 6
    assert batch(folder, feather=1.0).kept == 6
    assert batch(folder, feather=1, force=True).done == 6


def test_outputs_of_others_are_left_only_when_that_is_asked(folder):
    (folder / "out").mkdir()
    (folder / "out/000.png").write_bytes(b"precious")
    assert batch(folder, skip_existing=True).skipped == 1
    assert (folder / "out/000.png").read_bytes() == b"precious"
    batch(folder)
    assert opened(folder / "out/000.png")[1] == (48, 48)


@pytest.mark.parametrize("names", [("a.png", "a.jpg"), ("b/a.png", "c/a.png")])
def test_two_inputs_of_one_output_are_refused_before_anything_runs(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(pair(0)[0]).save(tmp_path / name)
    with pytest.raises(PixelError, match=r"a\.png and .*a\.\w+ would both be written to a\.png"):
        mk.batch([tmp_path / name for name in names], tmp_path / "out", mask=pair(0)[1], executor="threads")
    assert not list((tmp_path / "out").iterdir())


def test_names_that_differ_in_case_are_two_unless_the_destination_takes_them_for_one(tmp_path):
    for name in ("A.png", "a.png"):
        Image.fromarray(pair(0)[0]).save(tmp_path / name)
    inputs = str(tmp_path / "A.png"), str(tmp_path / "a.png")
    places = Places(inputs, tmp_path / "out", tmp_path / "out.batch")
    assert survey(places, Setup(mk.Recipe()), fold=False, stopped=bool).count == 2
    with pytest.raises(PixelError, match="which are one file there"):
        survey(places, Setup(mk.Recipe()), fold=True, stopped=bool)


def test_an_output_never_takes_its_photos_place(folder):
    before = hashes(folder / "photos")
    with pytest.raises(PixelError, match="take its own place"):
        mk.batch(folder / "photos/000.png", folder / "photos", mask=pair(0)[1], executor="threads")
    assert hashes(folder / "photos") == before


def test_a_destination_inside_the_source_is_no_source(folder):
    options = {"mask": pair(0)[1], "executor": "threads"}
    assert mk.batch(folder / "photos", folder / "photos/out", **options).done == 6
    assert mk.batch(folder / "photos", folder / "photos/out", **options).kept == 6


def test_loops_of_links_and_folders_that_cannot_be_read_are_named(folder):
    (folder / "photos/loop").symlink_to(folder / "photos")
    (folder / "photos/itself.png").symlink_to("itself.png")
    closed = folder / "photos/closed"
    closed.mkdir()
    closed.chmod(0)
    summary = batch(folder)
    closed.chmod(0o700)
    assert summary.done == 6
    why = dict(summary.unread)
    assert "link" in why[str(folder / "photos/loop")]
    assert why[str(folder / "photos/itself.png")] == os.strerror(errno.ELOOP).lower()
    if os.geteuid():  # root reads everything
        assert "permission denied" in why[str(closed)]
    assert not summary.ok


def test_what_is_not_there_is_refused(folder):
    with pytest.raises(CodecError, match=r"missing\.png: there is no such file"):
        batch(folder, ["photos", "missing.png"])
    with pytest.raises(CodecError, match="no photo that it fits"):
        batch(folder, "photos/*.webp")
    with pytest.raises(PixelError, match="feathr: is no option of batch; did you mean 'feather'"):
        batch(folder, feathr=1)


def test_one_batch_a_destination_at_a_time(folder):
    batch(folder)
    other = sqlite3.connect(folder / "out.batch/journal.sqlite")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(MaskkitError, match="another batch"):
        batch(folder)
    other.close()


def test_a_journal_that_is_none_is_refused_and_left(folder):
    (folder / "out.batch").mkdir()
    (folder / "out.batch/journal.sqlite").write_bytes(b"somebody else's, " * 100)
    with pytest.raises(CodecError, match="is not a journal"):
        batch(folder)
    assert (folder / "out.batch/journal.sqlite").read_bytes() == b"somebody else's, " * 100


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_list_of_failures_that_cannot_be_written_is_one_line(tmp_path):
    file = tmp_path / "failures.jsonl"
    with Failures(file) as failures:
        file.symlink_to("/dev/full")
        with pytest.raises(CodecError, match=r"failures.jsonl: cannot be written: No space"):
            failures.add("photo.png", "is damaged")
        with pytest.raises(CodecError, match=r"failures.jsonl: cannot be written: No space"):
            failures.__exit__(None, None, None)
    with Failures(tmp_path / "other.jsonl") as failures:
        failures.add("photo.png", "is damaged")
    assert (tmp_path / "other.jsonl").read_text().count("\n") == failures.count == 1


def test_a_photo_that_vanishes_fails_alone(folder):
    gone = []

    def take(_):
        if not gone:
            gone.append((folder / "photos/005.png").unlink())

    summary = batch(folder, workers=1, progress=take)
    assert (summary.done, summary.failed) == (5, 1)
    assert "005.png" in failures(folder)


def test_doubtful_ones_go_to_review_and_come_back(folder):
    (folder / "photos").rename(folder / "given")
    photo = pair(3)[0]
    (folder / "photos").mkdir()
    Image.fromarray(photo).save(folder / "photos/plain.png")
    options = {"masks": None, "source": "classical"}
    sure = mk.estimate(photo, "classical").confidence
    assert batch(folder, reject_below=sure + 0.01, **options).rejected == 1
    assert sorted(hashes(folder / "out")) == []
    there = hashes(folder / "out.batch/review")
    assert sorted(there) == ["plain.png"]
    assert batch(folder, reject_below=sure + 0.01, **options).kept == 1
    assert batch(folder, reject_below=sure - 0.01, **options).done == 1
    assert hashes(folder / "out") == there
    assert not hashes(folder / "out.batch/review")


def test_the_worst_are_on_the_sheet_with_the_reason_and_a_command(folder):
    mask = pair(15)[1]
    mask[20:22, 20:22] = 0  # a pinhole
    Image.fromarray(mask).save(folder / "masks/004.png")
    batch(folder, review=1)
    page = (folder / "out.batch/review.html").read_text()
    assert "1. 004.png" in page
    assert page.count("<article") == 1
    assert "pinholes" in page
    assert f"maskkit replay {folder}/out.batch/recipe.toml" in page


def test_results_without_alpha_are_shown_by_their_masks(folder):
    mask = pair(15)[1]
    mask[20:22, 20:22] = 0  # a pinhole
    Image.fromarray(mask).save(folder / "masks/004.png")
    batch(folder, review=1, to="jpeg", backdrop="white")
    assert opened(folder / "out/004.jpg")[0] == "RGB"
    page = (folder / "out.batch/review.html").read_text()
    assert "1. 004.jpg" in page
    assert "fault: pinholes" in page


def test_a_picture_has_the_bytes_of_the_same_cutout(folder):
    recipe = mk.Recipe(feather=1.5, trim=3, to="webp", hidden="extend", decontaminate=1)
    batch(folder, recipe=recipe)
    made = mk.cutout(folder / "photos/002.png", folder / "masks/002.png", recipe=recipe).trim(3)
    made.save(folder / "alone.webp", hidden="extend")
    assert (folder / "out/002.webp").read_bytes() == (folder / "alone.webp").read_bytes()


def test_more_outputs_of_one_picture(folder):
    more = ["60x40:white.jpg", "mask.png", "thumb:12.webp"]
    assert batch(folder, also=more, lossless=False).done == 6
    assert sorted(one for one in hashes(folder / "out") if one.startswith("001")) == [
        "001.60x40-white.jpg", "001.mask.png", "001.png", "001.thumb.webp",
    ]  # fmt: skip
    photo, mask = pair(1)
    mode, _, alone = opened(folder / "out/001.mask.png")
    assert mode == "L"
    assert (alone == mask).all()
    assert opened(folder / "out/001.thumb.webp")[:2] == ("RGBA", (12, 12))
    mode, size, placed = opened(folder / "out/001.60x40-white.jpg")
    assert (mode, size) == ("RGB", (60, 40))
    assert placed[20, 2].min() > 250
    assert (opened(folder / "out/001.png")[2] == np.dstack([photo, mask])).all()
    assert batch(folder, also=more, lossless=False).kept == 6
    (folder / "out/003.thumb.webp").unlink()
    assert (batch(folder, also=more).done, batch(folder, also=more[:2]).done) == (1, 6)


@pytest.mark.parametrize(
    ("also", "said"),
    [
        ("thumb", "need [NAME:]"),
        ("200.xyz", "is unknown"),
        ("a:white:black.png", "need [NAME:]"),
        ("nocolour.png", "need [NAME:]"),
        ("200.jpg", "JPEG holds no alpha"),
        (["mask.png", "mask.png"], "two outputs have one name"),
    ],
)
def test_more_outputs_that_cannot_be_are_refused(folder, also, said):
    with pytest.raises(PixelError) as refused:
        batch(folder, also=also)
    assert said in str(refused.value)
    assert not (folder / "out").exists()


def test_more_outputs_take_nobodys_place(folder):
    Image.fromarray(pair(8)[0]).save(folder / "photos/000.mask.jpg")
    Image.fromarray(pair(8)[1]).save(folder / "masks/000.mask.png")
    with pytest.raises(PixelError, match=r"would both be written to 000\.mask\.png"):
        batch(folder, also="mask.png")


def test_threads_tell_what_is_warned_of_with_each_picture(tmp_path):
    page = Image.new("RGB", (8, 8), "red")
    page.save(tmp_path / "pages.tif", save_all=True, append_images=[page])
    page.save(tmp_path / "plain.png")
    Image.fromarray(np.uint8([[255] * 8, *[[0] * 8] * 7])).save(tmp_path / "mask.png")
    told, mask = [], tmp_path / "mask.png"
    names = ["pages.tif", "plain.png"]
    photos = [tmp_path / name for name in names]
    mk.batch(photos, tmp_path / "out", masks=mask, workers=2, executor="threads", progress=told.append)
    warned = {Path(one.photo).name: one.warned for one in told}
    assert warned == {"pages.tif": (f"{photos[0]}: the file is frame 1 of 2",), "plain.png": ()}
