"""A review sheet: cutouts on several grounds, their worst edges and what is wrong with them, in one file.

entry.py   a cutout and why it is looked at -> its small pictures     html.py   one self-contained page
verb.py    checks, then writes                                        image.py  the same as a picture
"""

from maskkit.sheets.entry import Entry
from maskkit.sheets.verb import sheet

__all__ = ["Entry", "sheet"]
