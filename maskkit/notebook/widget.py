"""The anywidget around an `Editing`: what the browser asks for, and what it is answered."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.resources import files
from typing import Any

import anywidget
import traitlets

from maskkit.codec.looks import mimebundle, trusted
from maskkit.cutouts import Cutout
from maskkit.errors import MaskkitError
from maskkit.notebook.editing import Editing
from maskkit.notebook.strokes import Hint
from maskkit.notebook.view import View, drawn, fitting
from maskkit.pixels import Array
from maskkit.recipe import Recipe

__all__ = ["Editor"]

_HOME = files("maskkit.notebook")
_IMPORT = re.compile(r'^import .* from "\./marks\.js";$', re.MULTILINE)
_SLIDERS = ("feather", "grow", "refine", "decontaminate")
_SIDE = 720  # pixels of the picture that is there before the browser asks for one
_REST = 0.5  # seconds without a step, after which the picture for exports is renewed
_WIDGET = "application/vnd.jupyter.widget-view+json"


def _script() -> str:
    """The editor with its marks as the one module that anywidget takes."""
    marks, editor = (_HOME.joinpath(name).read_text("utf-8") for name in ("marks.js", "editor.js"))
    return f"{marks}\n{_IMPORT.sub('', editor)}"


def _displays() -> Any:
    """IPython's module, whose functions have no types."""
    from IPython import display

    return display


class _Stale(Exception):  # noqa: N818 - no error: something newer was asked for
    """Nobody waits for this cutout any more."""


class Editor(anywidget.AnyWidget):
    """What `maskkit.edit` gives: shows the editor, and holds what was made in it.

    Attributes
    ----------
    cutout : the `Cutout` of the whole photo; made now if the last step was a draft.
    mask : its alpha, (H, W).
    recipe : its `Recipe`, which `maskkit.replay` makes the same again from.
    """

    _esm = _script()
    _css = _HOME.joinpath("editor.css").read_text("utf-8")
    size: Any = traitlets.List().tag(sync=True)
    state: Any = traitlets.Dict().tag(sync=True)
    still = traitlets.Bytes().tag(sync=True)

    def __init__(self, editing: Editing) -> None:
        self._editing = editing
        self._newest: object = None
        self._shown_as: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._pool = ThreadPoolExecutor(1, "maskkit-edit")
        still, _ = editing.picture(fitting(editing.photo.size, _SIDE))
        super().__init__(size=list(editing.photo.size), state=self._told(), still=still)
        self.on_msg(self._heard)

    @property
    def cutout(self) -> Cutout:
        """The cutout of the whole photo."""
        return self._editing.cutout()

    @property
    def mask(self) -> Array:
        """The alpha of the cutout, (H, W)."""
        return self.cutout.alpha

    @property
    def recipe(self) -> Recipe:
        """All that was asked, with what it was made by."""
        return self.cutout.recipe

    def _heard(self, _: object, asked: Mapping[str, Any], __: object) -> None:
        """Answer one message of the browser: its deed, then the view as it is after it."""
        self._newest = asked.get("id")
        try:
            view = View.of(asked["view"], self._editing.photo.size)
            if asked.get("settle"):
                self._settle(asked["id"], view)
                return
            self._do(asked)
            self._show(asked["id"], view, new=bool(asked.get("hint")))
        except MaskkitError as error:
            self._refuse(asked.get("id"), str(error))
        except (KeyError, TypeError, ValueError) as error:
            self._refuse(asked.get("id"), f"not understood: {type(error).__name__}: {error}")

    def _do(self, asked: Mapping[str, Any]) -> None:
        editing = self._editing
        if changes := asked.get("change"):
            editing.change(**{name: changes[name] for name in changes if name in _SLIDERS})
        if told := asked.get("hint"):
            editing.say(Hint.of(told, editing.photo.size))
        if asked.get("undo"):
            editing.undo()
        if asked.get("clear"):
            editing.clear()

    def _show(self, asked: object, view: View, *, new: bool = False) -> None:
        """Send the view; a ``new`` hint that cannot be is not kept."""
        try:
            picture, exact = self._editing.picture(view)
        except MaskkitError:
            if new:
                self._editing.undo()
            raise
        self.state = self._told()
        self.send({"id": asked, "exact": exact, "state": self.state}, [picture])
        if exact:
            self._renew_at_rest()

    def _settle(self, asked: object, view: View) -> None:
        """Make the whole cutout beside what goes on, then show it if it is still wanted."""

        def tell(_: str) -> None:
            if self._newest != asked:
                raise _Stale

        def done(made: Future[Cutout]) -> None:
            error = made.exception()
            if isinstance(error, _Stale) or self._newest != asked:
                return
            if error is not None:
                self._refuse(asked, str(error))
                return
            self._show(asked, view)

        self._beside(lambda: self._editing.cutout(tell), done)

    def _beside(self, make: Callable[[], Cutout], done: Callable[[Future[Cutout]], None]) -> None:
        """In a thread where a kernel's loop goes on meanwhile; else at once."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            made: Future[Cutout] = Future()
            try:
                made.set_result(make())
            except Exception as error:
                made.set_exception(error)
            done(made)
            return
        future = self._pool.submit(make)
        future.add_done_callback(lambda one: loop.call_soon_threadsafe(done, one))

    def _renew_at_rest(self) -> None:
        """Renew what exports show, when no step follows; at once where no kernel's loop runs."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._timer = asyncio.get_running_loop().call_later(_REST, self._renew)
        except RuntimeError:
            self._renew()

    def _renew(self) -> None:
        """The last exact cutout as the widget's first picture, and in the output that exports show."""
        last = self._editing.last
        photo = self._editing.photo
        self.still = drawn(last.pixels, fitting(photo.size, _SIDE), photo.pixels, icc=photo.icc)
        if self._shown_as is not None:
            _displays().update_display(self._for_exports(), display_id=self._shown_as, raw=True)

    def _for_exports(self) -> dict[str, Any]:
        """The last cutout as a picture; the widget's style hides the HTML wherever the widget itself is."""
        made = self._editing.last
        told = trusted("mask", made.source, made.confidence)
        still = mimebundle(made.picture, repr(self), told, repr(self._editing.recipe))
        html = f'<div class="maskkit-edit-still">{still["text/html"]}</div>'
        return {"image/png": still["image/png"], "text/html": html}

    def _ipython_display_(self) -> None:
        """The widget, and an output of its own that is renewed: what the widget's output holds is fixed."""
        display = _displays().display
        given = super()._repr_mimebundle_()
        widget = (given[0] if isinstance(given, tuple) else given) or {}
        width, height = self._editing.photo.size
        display({"text/plain": f"Editor({width}x{height})", _WIDGET: widget[_WIDGET]}, raw=True)
        self._shown_as = self._shown_as or f"maskkit-{uuid.uuid4().hex}"
        display(self._for_exports(), raw=True, display_id=self._shown_as)

    def _refuse(self, asked: object, why: str) -> None:
        self.send({"id": asked, "refused": why, "state": self._told()})

    def _told(self) -> dict[str, Any]:
        """What the browser needs to know of the recipe and its result."""
        recipe, made = self._editing.recipe, self._editing.last
        hints = [
            {"kind": one.kind, "points": one.points, "radius": one.radius} for one in self._editing.hints
        ]
        sliders = {name: getattr(recipe, name) for name in _SLIDERS}
        told = trusted("mask", made.source, made.confidence)
        return {**sliders, "hints": hints, "source": told, "said": self._editing.said, "recipe": repr(recipe)}

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget, and the last picture for what shows no widgets."""
        made = self._editing.last
        still = mimebundle(made.picture, repr(self), self._told()["source"], repr(self._editing.recipe))
        given = super()._repr_mimebundle_(**options)
        bundle, *rest = given if isinstance(given, tuple) else (given,)
        both = {**still, **(bundle or {})}
        return (both, *rest) if rest else both

    def __repr__(self) -> str:
        width, height = self._editing.photo.size
        return f"Editor({width}x{height}, {self._editing.recipe!r})"
