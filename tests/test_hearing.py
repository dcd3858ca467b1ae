"""Who hears of a warning: each listener of its own pictures, however many threads there are."""

import io
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from PIL import Image

import maskkit as mk
from maskkit.codec.opening import ahead
from maskkit.hearing import overheard, warn, warn_again
from maskkit.kernels import set_threads, threads, together


def said(heard):
    return [one.said for one in heard]


def test_nobody_listens_and_python_warns_at_the_callers_line():
    def verb():
        warn("of this", stacklevel=2)

    with pytest.warns(mk.MaskkitWarning, match="of this") as told:
        verb()
    assert told[0].filename == __file__
    with overheard() as heard:
        verb()
    assert (heard[0].filename, heard[0].line) == (__file__, told[0].lineno + 3)


def test_what_is_done_in_a_thread_beside_is_heard_too():
    def second():
        begun.set()
        warn("of the mask")

    begun, before = threading.Event(), threads()
    set_threads(2)
    try:
        with overheard() as heard:
            together(lambda: begun.wait(30), second)
    finally:
        set_threads(before)
    assert said(heard) == ["of the mask"]


def test_what_is_heard_is_kept_from_python_and_can_be_passed_on():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with overheard() as heard:
            warn("one")
            warn("one")
        assert (said(heard), told) == (["one", "one"], [])
        with overheard() as outer:
            warn_again(heard[0])
        assert (said(outer), told) == (["one"], [])
        warn_again(heard[0])
    assert [(str(one.message), one.filename, one.lineno) for one in told] == [
        ("one", heard[0].filename, heard[0].line)
    ]


def test_threads_hear_their_own_and_leave_the_filters_alone():
    before, both = list(warnings.filters), threading.Barrier(2, timeout=10)

    def listen(name):
        with overheard() as heard:
            both.wait()
            warn(f"{name} begins")
            both.wait()
            warn(f"{name} ends")
            both.wait()
        return said(heard)

    with ThreadPoolExecutor(2) as pool:
        left, right = pool.map(listen, ("left", "right"))
    assert left == ["left begins", "left ends"]
    assert right == ["right begins", "right ends"]
    assert warnings.filters == before


def test_a_thread_that_is_started_meanwhile_is_heard_in_a_copy_of_the_context():
    with overheard() as heard, ThreadPoolExecutor(1) as pool:
        pool.submit(copy_context().run, warn, "beside").result()
    assert said(heard) == ["beside"]


def test_what_a_file_that_is_opened_ahead_warns_of_is_heard():
    class Telling(io.BytesIO):
        def read(self, *size):
            warn("read")
            return super().read(*size)

    stream = Telling()
    Image.new("RGB", (4, 3)).save(stream, "PNG")
    stream.seek(0)
    with overheard() as heard:
        ahead(stream).result()
    assert "read" in said(heard)
