"""Video, read by PyAV (the extra ``video``) a frame at a time, with its alpha and its depth."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np

from maskkit.codec.frames.frame import Frame, Frames
from maskkit.codec.opening import check_size
from maskkit.codec.picture import Picture
from maskkit.codec.sources import shown
from maskkit.errors import CodecError, MissingExtraError
from maskkit.pixels import Array

__all__ = ["av_library", "coding", "read_video"]

# FFmpeg's own decoders leave the alpha of these out (WebM's BlockAdditional); the libraries' have it.
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_HDR = {16: "PQ", 18: "HLG"}  # H.273, table 3
_UNSPECIFIED = (0, 2)


def av_library() -> Any:
    """PyAV. MissingExtraError where it is not installed."""
    try:
        import av
    except ImportError:
        raise MissingExtraError("video", "PyAV") from None
    av.logging.set_level(av.logging.FATAL)  # what is wrong is raised
    return av


@contextmanager
def coding(name: str, what: str = "is damaged, cut short or no video") -> Iterator[None]:
    """Whatever FFmpeg raises leaves as one line."""
    av = av_library()
    try:
        yield
    except (av.error.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CodecError(f"{name}: {what}: {reason.splitlines()[0][:120] if reason else error!r}") from None


def read_video(path: str | os.PathLike[str], max_pixels: int) -> Frames:
    """The frames of a video file: its first stream of pictures, upright, as RGB or straight RGBA.

    8 bits come as uint8, more as uint16. Colours that do not name their matrix are BT.709 from 720 lines on
    and BT.601 below. HDR (PQ, HLG) is refused.
    """
    name = shown(path)
    with coding(name), av_library().open(os.fsdecode(path)) as file:
        if not file.streams.video:
            raise CodecError(f"{name}: holds no pictures")
        stream = file.streams.video[0]
        _check(stream, name, max_pixels)
        turned = next((_turns(one) for one in file.decode(stream)), None)
        if turned is None:
            raise CodecError(f"{name}: holds no frame")
        size = stream.width, stream.height
        size = size[::-1] if turned % 2 else size
        steady = stream.average_rate and stream.average_rate == stream.base_rate
        tick = 1 / Fraction(stream.average_rate) if steady else Fraction(stream.time_base)
        sound, number = bool(file.streams.audio), stream.frames or None
    return Frames(name, size, lambda: _frames(path, name), number, plays=1, tick=tick, sound=sound)


def _check(stream: Any, name: str, max_pixels: int) -> None:
    check_size((stream.width, stream.height), name, max_pixels)
    transfer = int(stream.codec_context.color_trc or 2)
    if transfer in _HDR:
        raise CodecError(f"{name}: has HDR colours ({_HDR[transfer]}); convert it to SDR elsewhere")


def _frames(path: str | os.PathLike[str], name: str) -> Iterator[Frame]:
    """Each frame with the time until the next one; the last with its own, or with the one before's."""
    with coding(name), av_library().open(os.fsdecode(path)) as file:
        stream = file.streams.video[0]
        waiting: Any = None
        seconds = Fraction(1, 25) if not stream.average_rate else 1 / Fraction(stream.average_rate)
        for one in _decoded(file, stream):
            if waiting is not None:
                seconds = (one.pts - waiting.pts) * Fraction(stream.time_base)
                yield Frame(_picture(waiting, name), seconds)
            waiting = one
        if waiting is not None:
            own = (waiting.duration or 0) * Fraction(stream.time_base)
            yield Frame(_picture(waiting, name), own or seconds)


def _decoded(file: Any, stream: Any) -> Iterator[Any]:
    """The stream's frames in the order they are shown, by the decoder that knows their alpha."""
    told = {key.lower(): value for key, value in stream.metadata.items()}
    library = _WITH_ALPHA.get(stream.codec_context.name) if told.get("alpha_mode") == "1" else None
    if library is None:
        stream.thread_type = "AUTO"
        yield from file.decode(stream)
        return
    decoder = av_library().CodecContext.create(library, "r")
    decoder.extradata = stream.codec_context.extradata
    for packet in file.demux(stream):
        if packet.size:
            yield from decoder.decode(packet)
    yield from decoder.decode(None)


def _turns(frame: Any) -> int:
    """Quarter turns against the clock that put the frame upright."""
    return round((getattr(frame, "rotation", 0) or 0) / 90) % 4


def _picture(frame: Any, name: str) -> Picture:
    pixels = _pixels(frame)
    if int(frame.color_trc or 2) in _HDR:
        raise CodecError(f"{name}: has HDR colours; convert it to SDR elsewhere")
    return Picture(np.ascontiguousarray(np.rot90(pixels, _turns(frame))))


def _pixels(frame: Any) -> Array:
    from av.video.reformatter import Colorspace, Interpolation

    parts = frame.format.components
    alpha = frame.format.name.startswith("pal8") or any(one.is_alpha for one in parts)
    deep = max(one.bits for one in parts) > 8
    target = ("rgba64le" if alpha else "rgb48le") if deep else ("rgba" if alpha else "rgb24")
    matrix = None
    if not frame.format.is_rgb and int(frame.colorspace) in _UNSPECIFIED:
        matrix = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
    exact = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
    pixels: Array = frame.to_ndarray(format=target, src_colorspace=matrix, interpolation=exact)
    return pixels
