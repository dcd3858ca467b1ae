"""The only room that decodes or encodes picture files.

read.py        a file -> Picture               write.py     a Picture -> a file or bytes
masks.py       a file -> a mask                encoders.py  one function a format
sources.py     paths, bytes, file objects      png.py       PNG in parallel bands; png_filters.py
signatures.py  which format it is              tiff.py      TIFF in parallel strips
opening.py     size cap, one-line errors       deflate.py   pieces of one zlib stream
samples.py     decoded image -> array          flatten.py   alpha over a solid ground
metadata.py    EXIF, dpi, which way is up      atomic.py    temporary file, then renamed
profiles.py    ICC profile -> sRGB             css_color.py a CSS colour as four numbers
png_whole.py   PNGs that end early             jpeg_still.py JPEGs and their EXIF
"""

from maskkit.codec.atomic import atomic
from maskkit.codec.masks import read_mask, to_mask
from maskkit.codec.read import is_print, read, to_picture
from maskkit.codec.write import encode, write

__all__ = ["atomic", "encode", "is_print", "read", "read_mask", "to_mask", "to_picture", "write"]
