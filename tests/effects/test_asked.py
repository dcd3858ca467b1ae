"""Effects by recipe, library, command line: one text, one answer, one refusal."""

import numpy as np
import pytest

import maskkit as mk
from maskkit import effects
from maskkit.effects.options import EFFECTS, canonical, settings
from maskkit.errors import PixelError

PHOTO = np.full((60, 80, 3), (200, 190, 180), np.uint8)
MASK = np.zeros((60, 80), np.uint8)
MASK[20:50, 30:50] = 255
PHOTO[MASK > 0] = (40, 90, 60)
CUT = np.dstack([PHOTO, MASK])


@pytest.mark.parametrize(
    ("effect", "forms", "text"),
    [
        ("outline", [4, 4.0, "4", " 4 ", {"width": 4}], "4"),
        ("glow", [{"radius": 2, "color": "red"}, "2,color=red", "color=red,radius=2"], "2,color=red"),
        ("glow", [True, "on", {}], "on"),
        ("shadow", ["drop", True, {"kind": "drop"}, ["drop"]], "drop"),
        ("shadow", [["contact", {"kind": "cast", "direction": 30}]], "contact;cast,direction=30"),
        ("reflection", ["25%", 0.25], "0.25"),
        ("shadow", ["drop,color=rgb(1, 2, 3)"], "drop,color=rgb(1, 2, 3)"),
    ],
)
def test_one_text_for_every_form(effect, forms, text):
    assert {canonical(form, effect) for form in forms} == {text}
    assert canonical(text, effect) == text
    assert mk.Recipe(**{effect: forms[0]}) == mk.Recipe(**{effect: text})


@pytest.mark.parametrize(
    ("effect", "given", "said"),
    [
        ("shadow", "drp", "shadow: kind: need one of drop.*did you mean 'drop'"),
        ("shadow", "contact,direction=3", "shadow: contact has no direction; it has radius"),
        ("shadow", "drop,radus=3", "shadow: has no radus; did you mean 'radius'"),
        ("shadow", "drop,x=0.5", "shadow: x: need a whole number"),
        ("outline", "wide", "outline: width: need a finite number of pixels"),
        ("outline", "4,color=gren", "outline: color: .*did you mean 'green'"),
        ("outline", "4;5", "outline: need one"),
        ("outline", "4,5", "outline: need NAME=VALUE"),
        ("glow", -1, "glow: radius: need"),
        ("tint_match", 3, "tint_match: amount: need 0 to 1"),
        ("reflection", "nan", "reflection: opacity: need 0 to 1"),
        ("glow", "", "glow: need one"),
    ],
)
def test_what_is_refused_names_effect_setting_and_the_nearest(effect, given, said):
    with pytest.raises(PixelError, match=said):
        mk.Recipe(**{effect: given})


def test_settings_are_arguments_of_the_functions():
    import inspect

    functions = {
        "outline": effects.outline, "glow": effects.glow, "reflection": effects.reflection,
        "lens_blur": effects.lens_blur, "tint_match": effects.tint_match, "light_wrap": mk.light_wrap,
    }  # fmt: skip
    for name, function in functions.items():
        assert EFFECTS[name].settings.keys() <= inspect.signature(function).parameters.keys(), name
    shadows = {
        "drop": effects.drop_shadow, "contact": effects.contact_shadow, "cast": effects.cast_shadow,
        "own": effects.own_shadow,
    }  # fmt: skip
    for kind, function in shadows.items():
        known = set(EFFECTS["shadow"].kinds[kind]) - {"x", "y"}
        assert known <= inspect.signature(function).parameters.keys(), kind
    assert settings("drop,x=3", "shadow") == [{"kind": "drop", "x": 3}]


ASKED = {
    "shadow": "contact;cast,direction=30,softness=2",
    "outline": "3,color=gold",
    "glow": "2,color=cyan",
    "reflection": "0.5,gap=1",
    "lens_blur": 3,
    "tint_match": 0.5,
    "light_wrap": "0.5,radius=2",
}


@pytest.mark.parametrize("name", [*ASKED, "all"])
def test_recipe_over_and_composite_give_the_same(name, tmp_path):
    asked = ASKED if name == "all" else {name: ASKED[name]}
    beach = mk.backdrop.gradient(["navy", "orange"], (80, 60))
    found = mk.composite(CUT, beach, **asked)
    assert not np.array_equal(found, mk.composite(CUT, beach))
    cutout = mk.cutout(PHOTO, MASK)
    assert np.array_equal(cutout.over(beach, **asked).pixels, found)
    recipe = mk.Recipe(product="composite", backdrop=beach, **asked)
    assert np.array_equal(mk.replay(mk.Recipe.from_json(recipe.to_json()), PHOTO, MASK).pixels, found)


def test_the_order_is_the_documented_one():
    beach = mk.backdrop.gradient(["navy", "orange"], (80, 60))
    below = effects.lens_blur(beach, 3)
    cut = mk.light_wrap(effects.tint_match(CUT, below, 0.5), below, radius=2, amount=0.5)
    cut = effects.outline(cut, 3, color="gold")
    below = effects.reflection(below, cut, opacity=0.5, gap=1)
    below = effects.contact_shadow(below, cut[..., 3])
    below = effects.cast_shadow(below, cut[..., 3], direction=30, softness=2)
    below = effects.glow(below, cut[..., 3], radius=2, color="cyan")
    assert np.array_equal(mk.composite(CUT, beach, **ASKED), mk.composite(cut, below))


def test_effects_follow_the_offset_and_the_mask():
    paper = np.full((100, 120, 3), 250, np.uint8)
    found = mk.composite(PHOTO, paper, MASK, offset=(30, 20), shadow="drop,y=5,radius=0,opacity=1")
    mask = np.zeros((100, 120), np.uint8)
    mask[20:80, 30:110] = MASK
    wanted = effects.drop_shadow(paper, mask, offset=(0, 5), radius=0, opacity=1)
    wanted[mask > 0] = (40, 90, 60)
    assert np.array_equal(found, wanted)


def test_a_sticker_is_a_transparent_picture():
    shown = mk.replay(mk.Recipe(outline=4), PHOTO, MASK)
    wanted = effects.outline(CUT, 4)
    assert np.array_equal(shown.pixels[..., 3], wanted[..., 3])
    assert np.array_equal(shown.pixels[wanted[..., 3] > 0], wanted[wanted[..., 3] > 0])


def test_the_photos_own_shadow_moves_with_its_subject():
    photo = PHOTO.copy()
    photo[50:54, 28:56] = photo[50:54, 28:56] // 2
    shown = mk.replay(
        mk.Recipe(backdrop="white", shadow="own", canvas=(160, 120), scale=2.0), photo, MASK
    ).pixels
    small = mk.replay(mk.Recipe(backdrop="white", shadow="own"), photo, MASK).pixels
    assert shown[104, 84, 0] == pytest.approx(int(small[52, 42, 0]), abs=12)
    assert small[52, 42, 0] < 160
    assert shown[20, 20, 0] > 250
    trimmed = mk.replay(mk.Recipe(backdrop="white", shadow="own", trim=6), photo, MASK).pixels
    assert np.array_equal(trimmed, small[14:56, 24:56])


@pytest.mark.parametrize("way", ["over", "recipe"])
def test_faint_alpha_of_a_decontaminated_subject_is_no_shadow(way):
    """Pixels of an alpha of 1 or 2 have the subject's own dark colour, which is not the photo's."""
    faint = MASK.copy()
    faint[17:20, 30:50], faint[14:17, 30:50] = 2, 1
    pixels = np.dstack([np.full((60, 80, 3), 200, np.uint8), faint])
    pixels[faint > 0, :3] = 20
    white = np.full((60, 80, 3), 255, np.uint8)
    if way == "over":
        shown = mk.composite(pixels, white, shadow="own")
    else:
        shown = mk.replay(mk.Recipe(backdrop="white", shadow="own"), pixels).pixels[..., :3]
    assert shown[12:20, 30:50].min() > 250
    assert (shown[MASK > 0] == 20).all()


def test_a_cutout_without_the_photos_colour_has_no_shadow_to_keep():
    hidden = CUT.copy()
    hidden[MASK == 0] = 0
    with pytest.raises(PixelError, match=r"photo: its backdrop is black .*colour under alpha 0"):
        mk.composite(hidden, np.full_like(PHOTO, 255), shadow="own")


def test_an_empty_mask_casts_no_shadow():
    with pytest.raises(PixelError, match="no subject for the shadow"):
        mk.replay(mk.Recipe(backdrop="white", shadow="drop"), PHOTO, np.zeros_like(MASK))


def test_a_picture_at_a_place_on_a_backdrop_of_its_own_size():
    beach = mk.backdrop.gradient(["navy", "orange"], (200, 150))
    asked = mk.Recipe(backdrop=beach, at=(100, 40), scale=0.5, mode="multiply")
    shown = mk.replay(asked, PHOTO, MASK).pixels
    small = mk.backdrop.image(CUT, (40, 30), fit="stretch")
    assert np.array_equal(shown, mk.composite(small, beach, mode="multiply", offset=(100, 40)))
