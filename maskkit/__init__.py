"""maskkit takes a photo to a finished picture: mask, matte, composite, cutout.

Every public name is importable from here and is loaded when it is first used, so ``import maskkit`` is light.
The names and their homes stand in ``__init__.pyi``, which type checkers read as well.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
