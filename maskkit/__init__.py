"""maskkit takes a photo to a finished picture: mask, matte, composite, cutout.

Every public name is importable from here and is loaded when it is first used, so ``import maskkit`` is light.
The names and their homes stand in ``__init__.pyi``, which type checkers read as well.
"""

import lazy_loader

try:  # a file that the build writes: to look into the installed metadata takes twenty times as long
    from maskkit._version import __version__
except ImportError:
    __version__ = "0+unbuilt"  # a checkout on the path

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
