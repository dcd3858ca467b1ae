"""Local maskers behind one protocol: a picture in, float alpha and confidence out.

automatic.py      auto: a plain backdrop or colours, with a network, else classical
weight_free.py    classical: a plain backdrop, else superpixels, saliency and GrabCut
keying.py         chroma: green and blue screens, known backdrops
inference.py      onnx: a network of the table in networks.py, or any other; its file by weights.py
hinting.py        hints, Session: a box, points, an earlier mask
triangulation.py  two_plate: exact alpha from two known backdrops
registry.py       every engine and service by name: what it takes, what it costs

The names are loaded when they are first used: the registry is read by commands that run no engine.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
