"""The names of the package and their homes, for the lazy loader and for type checkers."""

from .tasks import Outcome as Outcome
from .tasks import Summary as Summary
from .verb import batch as batch
