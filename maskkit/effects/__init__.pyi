"""The names of the package and their homes, for the lazy loader and for type checkers."""

from .bokeh import lens_blur as lens_blur
from .cast import cast_shadow as cast_shadow
from .contact import contact_shadow as contact_shadow
from .dress import Dressing as Dressing
from .dress import dressed as dressed
from .drop import drop_shadow as drop_shadow
from .halo import glow as glow
from .mirror import reflection as reflection
from .options import EFFECTS as EFFECTS
from .options import Asked as Asked
from .options import canonical as canonical
from .options import settings as settings
from .own import own_shadow as own_shadow
from .stroke import outline as outline
from .tint import tint_match as tint_match
