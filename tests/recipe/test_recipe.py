"""A recipe: every value goes through text unchanged, bad ones are refused by name, equal ones are equal."""

import base64
import dataclasses
import json
import tempfile
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maskkit as mk
from maskkit.blend import BLEND_MODES
from maskkit.cutouts.beginning import READING
from maskkit.errors import CodecError, PixelError
from maskkit.placement import PRESETS
from maskkit.recipe import (
    OPTIONS,
    Made,
    Recipe,
    RecipeOptions,
    StoredPixels,
    from_words,
    load,
    options_of,
    save,
)

AMOUNT = st.floats(0, 1e6)
UNIT = st.floats(0, 1)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
POINTS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=3)


@st.composite
def pixels(draw, channels=()):
    shape = (draw(st.integers(1, 4)), draw(st.integers(1, 4)), *channels)
    dtype = draw(st.sampled_from([np.uint8, np.uint16]))
    seed = draw(st.integers(0, 999))
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


EXAMPLES = {
    OPTIONS[name].help[:10]: texts
    for name, texts in {
        "shadow": [
            "contact",
            "drop,x=3,y=-4,color=rgb(1, 2, 3)",
            "contact;cast,direction=30,length=0.123456789",
        ],
        "outline": ["4", "width=2.5,where=center", "color=#fff"],
        "glow": ["7,opacity=50%"],
        "reflection": ["0.25,length=1,gap=3"],
        "lens_blur": ["40,highlights=0"],
        "tint_match": ["0.1"],
        "light_wrap": ["0.5,radius=9"],
    }.items()
}
VALUES = {
    "unit": lambda option: UNIT,
    "amount": lambda option: st.floats(-1e6, 1e6) if option.least else AMOUNT,
    "whole": lambda option: st.integers(int(option.least or 0), int(option.most or 10**6)),
    "flag": lambda option: st.booleans(),
    "text": lambda option: TEXT,
    "mode": lambda option: st.sampled_from(sorted(BLEND_MODES)),
    "choice": lambda option: st.sampled_from(option.choices),
    "box": lambda option: st.lists(st.tuples(*[st.floats(0, 1e6)] * 4), min_size=1, max_size=3),
    "points": lambda option: POINTS,
    "picture": lambda option: pixels(),
    "picture or text": lambda option: TEXT | pixels(channels=(3,)) | pixels(channels=(4,)),
    "size": lambda option: st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
    "share": lambda option: st.tuples(UNIT, UNIT),
    "factor": lambda option: st.just("fit") | st.floats(1e-3, 1e3),
    "levels": lambda option: st.just("auto") | st.sampled_from([(0.0, 1.0), (16.0, 235.0), (255.0, 0.0)]),
    "subjects": lambda option: st.sampled_from(["all", "largest"]) | st.integers(1, 99),
    "margins": lambda option: st.lists(st.sampled_from(["0", "40", "5%", "12.5px"]), min_size=1, max_size=4),
    "place": lambda option: st.tuples(st.integers(-9999, 9999), st.integers(-9999, 9999)),
    "preset": lambda option: st.sampled_from(sorted(PRESETS)),
    "effect": lambda option: st.just(True) | st.sampled_from(sorted(EXAMPLES[option.help[:10]])),
    "engine": lambda option: st.dictionaries(
        TEXT, st.floats(-9, 9) | st.integers() | st.booleans() | TEXT | st.tuples(UNIT, UNIT), max_size=3
    ),
}
RECIPES = st.fixed_dictionaries({}, optional={name: VALUES[one.kind](one) for name, one in OPTIONS.items()})
MADE = st.none() | st.builds(Made, TEXT, TEXT, st.none() | TEXT)


@settings(max_examples=150, deadline=None)
@given(RECIPES, MADE)
def test_any_recipe_goes_through_json_and_toml_unchanged(asked, made):
    recipe = Recipe(**asked, made=made)
    again = Recipe.from_json(recipe.to_json())
    assert (again, again.made, again.digest, hash(again)) == (recipe, made, recipe.digest, hash(recipe))
    with tempfile.TemporaryDirectory() as folder:
        save(recipe, Path(folder) / "r.toml")
        kept = load(Path(folder) / "r.toml")
    assert (kept, kept.made, kept.digest) == (recipe, made, recipe.digest)


def test_a_recipe_goes_through_a_file_of_json_that_holds_its_pixels(tmp_path):
    recipe = Recipe(feather=1.5, keep_mask=np.eye(9, dtype=np.uint8) * 255, backdrop="white")
    save(recipe, tmp_path / "r.json")
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert load(tmp_path / "r.json") == recipe
    (tmp_path / "bad.json").write_text('{"recipe": 1, "fether": 2}')
    with pytest.raises(PixelError, match="did you mean 'feather'"):
        load(tmp_path / "bad.json")


def test_a_mask_in_colour_inside_json_is_a_mask():
    grey = np.array([[0, 255], [255, 0]], np.uint8)
    held = base64.b64encode(mk.encode(np.dstack([grey] * 3), "png")).decode()
    recipe = Recipe.from_json(json.dumps({"recipe": 1, "drop_mask": {"png": held}}))
    assert recipe == Recipe(drop_mask=grey)


@given(RECIPES, RECIPES)
def test_equal_recipes_have_equal_digests_and_others_have_others(one, other):
    one, other = Recipe(**one), Recipe(**other)
    assert (one == other) == (one.digest == other.digest) == (one.asked() == other.asked())


def test_the_digest_is_the_same_in_every_process_and_version():
    recipe = Recipe(feather=1.5, keep=[(3, 4)], keep_mask=np.eye(3, dtype=np.uint8) * 255, backdrop="white")
    assert recipe.digest == "b40c3df753e0adfad837e916347aa1e0d20e37464740108892bf59a2d343888a"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"feather": -1}, "feather: need a finite number of pixels, 0 or more, got -1"),
        ({"feather": float("nan")}, "feather: need a finite number"),
        ({"opacity": 2}, "opacity: need 0 to 1, got 2"),
        ({"mode": "mulitply"}, "mode: need one of .* did you mean 'multiply'"),
        ({"refine": "hare"}, "refine: need one of none, edge, hair, soft, got 'hare'; did you mean 'hair'"),
        ({"box": (1, 2, 3)}, "box: need .left, top, right, bottom., got"),
        ({"box": (1, 2, 3, float("inf"))}, "box: need four finite numbers"),
        ({"keep": [(1, 2, 3)]}, "keep: need a list of points"),
        ({"keep": None}, "keep: need a list of points"),
        ({"quality": 101}, "quality: need at most 100, got 101"),
        ({"quality": 2.5}, "quality: need a whole number"),
        ({"replace": "yes"}, "replace: need True or False, got 'yes'"),
        ({"canvas": (0, 5)}, "canvas: need at least 1x1, got 0x5"),
        ({"position": (0.5, 1.5)}, "position: need 0 to 1, got 1.5"),
        ({"scale": "fill"}, "scale: need 'fit' or a factor above 0, got 'fill'"),
        ({"source": ""}, "source: need text, got ''"),
        ({"engine_options": 5}, "engine_options: need a mapping"),
        ({"engine_options": {"a": object()}}, "engine_options: a: need a finite number"),
        ({"keep_mask": np.zeros((3, 3, 3), np.int64)}, "keep_mask: "),
        ({"keep_mask": "nowhere.png"}, "nowhere.png: cannot be read"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(asked, said):
    with pytest.raises((PixelError, CodecError), match=said):
        Recipe(**asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "recipe: is not JSON"),
        ("[]", "recipe: there is none in it"),
        ("{}", "recipe: there is none in it"),
        ('{"recipe": 99}', "recipe: need version 1, got 99"),
        ('{"recipe": 1, "fether": 2}', "fether: is no option of a recipe; did you mean 'feather'"),
        ('{"recipe": 1, "made": 5}', "made: need a table"),
        ('{"recipe": 1, "keep_mask": {"png": "not base64!"}}', "keep_mask: need a PNG in base64"),
    ],
)
def test_text_that_is_no_recipe(text, said):
    with pytest.raises(PixelError, match=said):
        Recipe.from_json(text)


def test_a_saved_mask_that_was_changed_is_noticed(tmp_path):
    save(Recipe(keep_mask=np.eye(4, dtype=np.uint8) * 255), tmp_path / "r.toml")
    mk.write(tmp_path / "r.keep_mask.png", np.eye(5, dtype=np.uint8) * 255)
    with pytest.raises(PixelError, match=r"keep_mask: r\.keep_mask\.png is not the picture"):
        load(tmp_path / "r.toml")
    (tmp_path / "r.keep_mask.png").unlink()
    with pytest.raises(CodecError, match=r"r\.keep_mask\.png: cannot be read"):
        load(tmp_path / "r.toml")


def test_a_file_beside_the_recipe_cannot_be_one_from_elsewhere(tmp_path):
    (tmp_path / "in").mkdir()
    save(Recipe(keep_mask=np.eye(4, dtype=np.uint8) * 255), tmp_path / "r.toml")
    text = (tmp_path / "r.toml").read_text().replace('"r.keep_mask.png"', '"../r.keep_mask.png"')
    (tmp_path / "in" / "r.toml").write_text(text)
    with pytest.raises(CodecError, match="cannot be read"):
        load(tmp_path / "in" / "r.toml")


def test_pixels_of_a_recipe_are_frozen_and_their_own():
    mask = np.zeros((3, 3), np.uint8)
    recipe = Recipe(mask=mask)
    before = recipe.digest
    mask[:] = 255
    assert recipe.digest == before
    assert not recipe.mask.pixels.any()
    with pytest.raises(ValueError, match="read-only"):
        recipe.mask.pixels[0] = 1
    with pytest.raises(AttributeError):
        recipe.mask.pixels = mask
    assert isinstance(recipe.mask, StoredPixels)


def test_the_keywords_for_type_checkers_are_the_recipes_options():
    mask_and_edge = [*options_of("mask"), *options_of("edge"), *READING]
    assert ["source", "mask", *RecipeOptions.__annotations__] == mask_and_edge


def test_every_option_has_a_sentence_a_kind_and_its_choices():
    hints = get_type_hints(Recipe)
    for name, option in OPTIONS.items():
        assert option.help.endswith("."), name
        assert option.kind in VALUES, name
        if option.kind == "choice":
            literal = next(one for one in (hints[name], *get_args(hints[name])) if get_origin(one) is Literal)
            assert option.choices == get_args(literal), name
    assert {one.name for one in dataclasses.fields(Recipe)} == {*OPTIONS, "made"}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("box", "1,2,3,4; 5 6 7 8", ((1, 2, 3, 4), (5, 6, 7, 8))),
        ("keep", ["1,2", "3,4;5,6"], ((1, 2), (3, 4), (5, 6))),
        ("canvas", "800X600", (800, 600)),
        ("position", "0.5,1", (0.5, 1)),
        ("scale", "1.5", 1.5),
        ("scale", "fit", "fit"),
        (
            "engine_options",
            ["a=0.1", "b=false", "c=x=y"],
            {"a": 0.1, "b": False, "c": "x=y"},
        ),
    ],
)
def test_what_people_type(name, text, value):
    assert from_words(text, name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("box", "1,2,3"),
        ("keep", "1"),
        ("keep", "1,nan"),
        ("canvas", "800"),
        ("position", "a,b"),
        ("engine_options", ["x"]),
    ],
)
def test_what_people_mistype(name, text):
    with pytest.raises(PixelError, match=f"{name}: need "):
        from_words(text, name)


def test_json_is_small_and_says_its_version():
    assert json.loads(Recipe().to_json()) == {"recipe": 1}
