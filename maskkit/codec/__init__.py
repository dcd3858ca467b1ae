"""The only room that decodes or encodes picture files.

read.py      a file -> Picture          write.py     a Picture -> a file
masks.py     a file -> a mask               atomic.py    temporary file, then renamed
opening.py   signature, size cap, errors    sources.py   paths, bytes, file objects
"""

from maskkit.codec.atomic import atomic
from maskkit.codec.masks import read_mask, to_mask
from maskkit.codec.read import read, to_picture
from maskkit.codec.write import encode, write

__all__ = ["atomic", "encode", "read", "read_mask", "to_mask", "to_picture", "write"]
