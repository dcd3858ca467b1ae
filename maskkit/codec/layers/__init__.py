"""Files of layers: what a designer goes on working with.

record.py   Layer, Layered: what such a file holds     ora.py   OpenRaster, written and read
writing.py  a Layered -> a file                        psd.py   Photoshop's PSD and PSB, written
reading.py  a file -> a Layered                        psd_reading.py, psd_merged.py   the same, read
cursor.py   a place in bytes                           packbits.py   runs of bytes
"""

from maskkit.codec.layers.reading import has_layers, read_layers
from maskkit.codec.layers.record import Layer, Layered
from maskkit.codec.layers.writing import write_layers

__all__ = ["Layer", "Layered", "has_layers", "read_layers", "write_layers"]
