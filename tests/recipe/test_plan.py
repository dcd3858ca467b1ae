"""Who makes the mask, what it costs, what is refined and decontaminated: a table of cases."""

import pytest

from maskkit.errors import PixelError
from maskkit.recipe import Environment, Facts, Recipe, resolve

SERVICE = Environment(service=True)
GLASS = Facts(transparent=True)
MASKED = Facts(masked=True)
PLAIN, NONE = Facts(), Environment()
HINT = {"keep": [(1, 1)]}
BOX = {"box": (0, 0, 5, 5)}

# asked, facts, environment, settings: maker, costs, hints, refine, decontaminate
CASES = {
    "nothing": ({}, PLAIN, NONE, (), "auto False - edge 1"),
    "a service is set up": ({}, PLAIN, SERVICE, (), "adobe True - none 1"),
    "a service by its options": ({}, PLAIN, NONE, ("base_url",), "adobe True - none 1"),
    "classical": ({"source": "classical"}, PLAIN, SERVICE, (), "classical False - edge 1"),
    "chroma": ({"source": "chroma", "screen": "green"}, PLAIN, NONE, (), "chroma False - edge 1"),
    "adobe": ({"source": "adobe"}, PLAIN, NONE, (), "adobe True - none 1"),
    "transparent": ({}, GLASS, NONE, (), "alpha False - none 0"),
    "transparent, a service set up": ({}, GLASS, SERVICE, (), "alpha False - none 0"),
    "transparent, settings of the default": ({}, GLASS, NONE, ("fetch", "device"), "alpha False - none 0"),
    "transparent, by name": ({"source": "classical"}, GLASS, NONE, (), "classical False - edge 1"),
    "transparent, hinted": (HINT, GLASS, NONE, (), "auto False steer edge 1"),
    "hinted": (BOX, PLAIN, NONE, (), "auto False steer edge 1"),
    "hinted, a service set up": (HINT, PLAIN, SERVICE, (), "adobe True correct edge 1"),
    "classical, hinted": (
        {"source": "classical", **BOX},
        PLAIN,
        SERVICE,
        (),
        "classical False correct edge 1",
    ),
    "chroma, hinted": ({"source": "chroma", **HINT}, PLAIN, SERVICE, (), "chroma False correct edge 1"),
    "adobe, hinted": ({"source": "adobe", **BOX}, PLAIN, NONE, (), "adobe True correct edge 1"),
    "given": ({}, MASKED, SERVICE, (), "given False - none 0"),
    "given, refined": ({"refine": "hair"}, MASKED, SERVICE, (), "given False - hair 1"),
    "given, hinted": (HINT, MASKED, NONE, (), "given False correct edge 1"),
    "given, from the service": ({"source": "adobe"}, MASKED, NONE, (), "given False - none 1"),
    "binary": ({"mask_type": "binary"}, PLAIN, NONE, (), "auto False - edge 0"),
    "not refined": ({"refine": "none"}, PLAIN, NONE, (), "auto False - none 1"),
    "half": ({"decontaminate": 0.5}, PLAIN, NONE, (), "auto False - edge 0.5"),
    "half of given": ({"decontaminate": 0.5}, MASKED, NONE, (), "given False - none 0.5"),
    "a mask": ({"product": "mask"}, PLAIN, NONE, (), "auto False - edge 0"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_plan(name):
    asked, facts, environment, settings, expected = CASES[name]
    plan = resolve(Recipe(**asked), facts, environment, settings)
    said = f"{plan.maker} {plan.costs} {plan.hints or '-'} {plan.refine} {plan.decontaminate:g}"
    assert said == expected


REFUSED = {
    "an unknown source": ({"source": "adobee"}, PLAIN, (), "source: need one of .* did you mean 'adobe'"),
    "a mask and an engine": (
        {"source": "chroma"},
        MASKED,
        (),
        "source: a mask is given, so there is nothing",
    ),
    "a mask and a model": ({"model": "u2netp"}, MASKED, (), "model: a mask is given"),
    "a screen without chroma": (
        {"screen": "green"},
        PLAIN,
        (),
        "screen: needs source 'chroma'",
    ),
    "a device without a network": ({"source": "chroma"}, PLAIN, ("device",), "device: needs source "),
    "an order without a service": (
        {"source": "classical"},
        PLAIN,
        ("order",),
        "order: needs source 'adobe'",
    ),
    "a service's option with a mask": ({}, MASKED, ("base_url",), "base_url: a mask is given"),
    "an option of no engine": (
        {"engine_options": {"blakc": 0}},
        PLAIN,
        (),
        "blakc: is no option of an engine; did you mean 'black'",
    ),
    "an option of another engine": (
        {"engine_options": {"black": 0}},
        PLAIN,
        (),
        "black: needs source 'chroma'",
    ),
    "an engine's option on a transparent picture": (
        {"engine_options": {"black": 0}},
        GLASS,
        (),
        "black: needs source 'chroma'; the picture's own alpha",
    ),
    "a network on a transparent picture, which auto would not ask": (
        {"model": "u2netp"},
        GLASS,
        (),
        "model: needs source 'onnx'; the picture's own alpha",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_go_together_is_refused_before_anything_is_paid(name):
    asked, facts, settings, said = REFUSED[name]
    with pytest.raises(PixelError, match=said):
        resolve(Recipe(**asked), facts, NONE, settings)


def test_the_steps_are_named_in_their_order():
    recipe = Recipe(source="adobe", keep=[(1, 1)], grow=2, trim=0, backdrop="white", canvas=(9, 9))
    assert resolve(recipe).steps == (
        "order from adobe",
        "correct it by the hints",
        "refine the edge",
        "edit the mask",
        "decontaminate",
        "apply the mask",
        "trim",
        "place on the canvas",
        "composite over the backdrop",
    )
