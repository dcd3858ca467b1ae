"""What people see and do in a notebook: pictures side by side, one over the other, the editor.

figures.py   show, compare: HTML that needs no kernel
"""

from maskkit.notebook.figures import Figure, compare, show

__all__ = ["Figure", "compare", "show"]
