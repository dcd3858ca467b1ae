"""How Sphinx builds the documentation: ``sphinx-build -W --keep-going docs docs/_build``. It needs no network."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

import maskkit  # noqa: E402 - from the checkout

project = "maskkit"
author = "The maskkit authors"
copyright = author
version = release = maskkit.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "written_pictures",
    "docstrings",
    "command_reference",
    "recipe_reference",
]
exclude_patterns = ["_build", "examples", "gallery/*.py", "gallery/*.ipynb", "gallery/*.zip", "**/README.*"]
templates_path = ["_templates"]
default_role = "autolink"
smartquotes = False  # an option has two hyphens
suppress_warnings = ["config.cache"]

myst_enable_extensions = ["colon_fence", "deflist", "attrs_block", "attrs_inline"]
myst_heading_anchors = 3

autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = "maskkit"
html_static_path = ["_static"]
html_css_files = ["maskkit.css"]
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {"**": ["pages"]}
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "navbar_center": [],  # the column on the left has every page; twice, it would take three lines of the header
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/[a-z]\w*\.py$",
    "within_subsection_order": "written_pictures.LessonOrder",
    "image_scrapers": ("written_pictures",),
    "reset_modules": (),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "min_reported_time": 1e9,
    "write_computation_times": False,
    "remove_config_comments": True,
    "default_thumb_file": str(HERE.parent / "sample_files" / "tour.jpg"),
    "thumbnail_size": (480, 360),
    "show_signature": False,
}
