"""What people see and do in a notebook: pictures side by side, one over the other, the editor.

figures.py   show, compare: HTML that needs no kernel   verb.py      edit
editing.py   a photo and its recipe, step by step       widget.py    the anywidget around it
draft.py     a step in a tenth of a second              strokes.py   boxes, points and strokes as options
view.py      the part that is seen, as PNG              editor.js    the editor's face, and its style sheet
"""

from maskkit.notebook.figures import Figure, compare, show
from maskkit.notebook.verb import edit

__all__ = ["Figure", "compare", "edit", "show"]
