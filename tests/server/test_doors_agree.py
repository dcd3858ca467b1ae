"""Random recipes and photos: library, command, form, batch and replay give the same bytes, or all refuse."""

import warnings

import pytest

import maskkit as mk

from . import doors
from .conftest import running, settings

SEEDS = range(60)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(settings(tmp_path_factory.mktemp("doors"), engine=doors.SOURCE)) as server:
        yield server


@pytest.mark.parametrize("seed", SEEDS)
def test_every_door_gives_the_same(server, tmp_path, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mk.MaskkitWarning)  # empty masks are among them
        assert doors.differing(seed, server, tmp_path) == [], doors.asked(seed)


def test_the_seeds_try_every_kind_of_photo_and_mask_and_most_options():
    tried = [doors.asked(seed) for seed in SEEDS]
    assert {photo for _, photo, _, _ in tried} == doors.PHOTOS.keys()
    assert {mask for _, _, mask, _ in tried} == {None, *doors.MASKS}
    assert len({name for *_, options in tried for name in options}) > 45
