"""What is asked of a cutout, as one record, and what will be done for it.

record.py  Recipe: every option with its default, range and help; RecipeOptions, the same for type checkers
kinds.py   what an option may be: the check of each kind of value
stored.py  StoredPixels: masks that a recipe holds
words.py   what people type for an option, as its value
made.py    Made: what a saved recipe was made with
text.py    what is asked as members of JSON or TOML, and back
files.py   a recipe in a file: TOML with PNG files beside, or JSON
plan.py    resolve(recipe, facts, environment) -> Plan: who makes the mask, what it costs, which steps follow
"""

from maskkit.recipe.files import load, save
from maskkit.recipe.kinds import Option
from maskkit.recipe.made import Made
from maskkit.recipe.plan import Environment, Facts, Plan, resolve
from maskkit.recipe.record import OPTIONS, Recipe, RecipeOptions, option_types, options_of
from maskkit.recipe.stored import StoredPixels
from maskkit.recipe.words import TEXT_KINDS, from_words

__all__ = [
    "OPTIONS",
    "TEXT_KINDS",
    "Environment",
    "Facts",
    "Made",
    "Option",
    "Plan",
    "Recipe",
    "RecipeOptions",
    "StoredPixels",
    "from_words",
    "load",
    "option_types",
    "options_of",
    "resolve",
    "save",
]
