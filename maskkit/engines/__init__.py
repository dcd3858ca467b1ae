"""Local maskers behind one protocol: a picture in, float alpha and confidence out."""

from maskkit.engines.base import Engine, Estimate

__all__ = ["Engine", "Estimate"]
