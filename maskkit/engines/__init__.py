"""Local maskers behind one protocol: a picture in, float alpha and confidence out.

weight_free.py    classical: a plain backdrop, else superpixels, saliency and GrabCut
keying.py         chroma: green and blue screens, known backdrops
inference.py      onnx: a network of the table in networks.py, or any other; its file by weights.py
hinting.py        hints, Session: a box, points, an earlier mask
triangulation.py  two_plate: exact alpha from two known backdrops
"""

from maskkit.engines.base import Engine, Estimate
from maskkit.engines.hinting import Session, hints
from maskkit.engines.inference import onnx, provider
from maskkit.engines.keying import chroma, chroma_key
from maskkit.engines.networks import NETWORKS, Network
from maskkit.engines.triangulation import two_plate
from maskkit.engines.weight_free import classical

__all__ = [
    "NETWORKS",
    "Engine",
    "Estimate",
    "Network",
    "Session",
    "chroma",
    "chroma_key",
    "classical",
    "hints",
    "onnx",
    "provider",
    "two_plate",
]
