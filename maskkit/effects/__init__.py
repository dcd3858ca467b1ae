"""Effects: what makes a cutout look as if it belonged, or stood out. Pure functions on arrays.

drop.py     drop_shadow: the mask's shape, moved and softened
contact.py  contact_shadow: where the subject stands
cast.py     cast_shadow: the subject's silhouette on the ground
own.py      own_shadow: the shadow that the photo has
mirror.py   reflection: the subject upside down on a glossy ground
stroke.py   outline: inside, on or outside the edge
halo.py     glow: light around the subject
bokeh.py    lens_blur: out of focus as by a lens
tint.py     tint_match: the colours of the surroundings
options.py  what a recipe, a command line and a form say of them, as text
dress.py    all that is asked for one picture, in their order

The names are loaded when they are first used: the recipe reads options.py and draws nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
