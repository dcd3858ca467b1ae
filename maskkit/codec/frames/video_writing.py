"""Video, written by PyAV (the extra ``video``) a frame at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from maskkit.codec.frames.canvas import rgba
from maskkit.codec.frames.frame import Frame
from maskkit.codec.frames.video import av_library, coding
from maskkit.codec.one_space import in_space
from maskkit.codec.options import Options
from maskkit.errors import CodecError
from maskkit.pixels import Array, max_value

__all__ = ["Film", "film_of", "write_video"]


@dataclass(frozen=True)
class Codec:
    """How one codec is written.

    Attributes
    ----------
    encoder : FFmpeg's name of it.
    form : the pixel format, or a function from (16 bits, alpha) to it.
    options : what the encoder is told, from our `Options`.
    alpha : it holds transparency.
    even : the sides have to be even, since colour has half of them.
    """

    encoder: str
    form: str | Callable[[bool], str]
    options: Callable[[Options], dict[str, str]]
    alpha: bool = True
    even: bool = False


def _vp9(options: Options) -> dict[str, str]:
    how = {"auto-alt-ref": "0", "row-mt": "1", "cpu-used": "4", "b": "0"}  # alternate frames lose their alpha
    if options.lossless:
        return {**how, "lossless": "1"}
    return {**how, "crf": str(round((100 - (options.quality or 70)) / 100 * 63))}


def _h264(options: Options) -> dict[str, str]:
    return {"crf": str(round((100 - (options.quality or 65)) / 100 * 51))}


CODECS = {
    "prores": Codec("prores_ks", "yuva444p10le", lambda _: {"profile": "4444", "alpha_bits": "16"}),
    "vp9": Codec("libvpx-vp9", "yuva420p", _vp9),
    "ffv1": Codec("ffv1", lambda deep: "gbrap16le" if deep else "bgra", lambda _: {"level": "3"}),
    "h264": Codec("libx264", "yuv420p", _h264, alpha=False, even=True),
}
# FFmpeg's name of the container, and the codecs that it holds, the first unless another is asked for.
CONTAINERS = {
    ".mov": ("mov", ("prores", "h264")),
    ".webm": ("webm", ("vp9",)),
    ".mkv": ("matroska", ("ffv1", "vp9", "h264", "prores")),
    ".mp4": ("mp4", ("h264", "vp9")),
}


@dataclass(frozen=True)
class Film:
    """A video: its container and codec by name; times are multiples of ``tick`` seconds."""

    container: str
    codec: str
    tick: Fraction
    options: Options


class _Writer:
    """A file that is open, and its one stream."""

    def __init__(self, file: Any, film: Film) -> None:
        self.file, self.codec, self.tick, self.options = file, CODECS[film.codec], film.tick, film.options
        self.stream: Any = None
        self.deep = False
        self.at = Fraction(0)
        self.lengths: dict[int, int] = {}

    def begin(self, pixels: Array, seconds: Fraction) -> None:
        """Open the stream for pictures like the first."""
        height, width = pixels.shape[:2]
        if self.codec.even and (width % 2 or height % 2):
            raise CodecError(f"H.264 needs even sides, got {width}x{height}; canvas= gives them")
        self.deep = pixels.dtype != np.uint8
        form = self.codec.form if isinstance(self.codec.form, str) else self.codec.form(self.deep)
        rate = (1 / seconds if seconds else Fraction(25)).limit_denominator(1001)
        stream = self.file.add_stream(self.codec.encoder, rate=rate, options=self.codec.options(self.options))
        stream.width, stream.height, stream.pix_fmt = width, height, form
        context = stream.codec_context
        context.time_base = self.tick
        if form.startswith("yuv"):
            context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
            context.color_range = 1
        if form == "yuva420p":
            stream.metadata["alpha_mode"] = "1"
        self.stream = stream

    def add(self, pixels: Array, seconds: Fraction) -> None:
        """One frame."""
        start = round(self.at / self.tick)
        self.at += seconds
        shown = np.ascontiguousarray(rgba(pixels, np.uint16 if self.deep else np.uint8))
        frame = self._converted(shown)
        frame.pts, frame.time_base = start, self.tick
        frame.duration = self.lengths[start] = max(round(self.at / self.tick) - start, 1)
        self.mux(self.stream.encode(frame))

    def _converted(self, shown: Array) -> Any:
        """The picture in the stream's pixel format, with the alpha that it had."""
        from av.video.reformatter import ColorRange, Colorspace, Interpolation

        frame = av_library().VideoFrame.from_ndarray(shown, format="rgba64le" if self.deep else "rgba")
        form = self.stream.pix_fmt
        exact = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
        if not form.startswith("yuv"):
            return frame.reformat(format=form, interpolation=exact)
        frame = frame.reformat(
            format=form,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            dst_color_trc=1,
            dst_color_primaries=1,
            interpolation=exact,
        )
        if form.startswith("yuva"):
            _put_alpha(frame, shown[..., 3])
        return frame

    def mux(self, packets: Iterable[Any]) -> None:
        """Packets to the file, each with the time that its frame is shown."""
        for packet in packets:
            if packet.pts in self.lengths:
                packet.duration = self.lengths.pop(packet.pts)
            self.file.mux(packet)


def film_of(suffix: str, codec: str | None, tick: Fraction, options: Options) -> Film:
    """The film for a file's suffix. Raises CodecError for a codec that its container does not hold.

    >>> film_of(".webm", None, Fraction(1, 25), Options()).codec
    'vp9'
    """
    container, held = CONTAINERS[suffix]
    if codec is None or codec in held:
        return Film(container, codec or held[0], tick, options)
    raise CodecError(f"codec: {suffix} holds {' or '.join(held)}, got {codec!r}")


def write_video(path: Path, frames: Iterable[Frame], film: Film) -> None:
    """Write the frames as a video in sRGB's primaries and BT.709's matrix.

    Raises CodecError for transparency in a codec that has none, and for odd sides where colour is halved.
    """
    name = f"{film.container} of {film.codec}"
    with coding(name, "cannot be written"), av_library().open(str(path), "w", format=film.container) as file:
        writer = _Writer(file, film)
        for picture, seconds, _ in frames:
            pixels = picture.pixels
            if pixels.ndim == 3:
                pixels = in_space(picture, None).pixels
            if not writer.codec.alpha and pixels.ndim == 3 and pixels.shape[2] == 4:
                pixels = _opaque(pixels, film.codec)
            if writer.stream is None:
                writer.begin(pixels, seconds)
            writer.add(pixels, seconds)
        if writer.stream is not None:
            writer.mux(writer.stream.encode(None))


def _opaque(pixels: Array, codec: str) -> Array:
    whole = rgba(pixels, np.uint8)
    if whole[..., 3].min() < 255:
        raise CodecError(f"{codec} holds no transparency; give backdrop= a colour, or write .webm or .mov")
    return pixels[..., :3]


def _put_alpha(frame: Any, alpha: Array) -> None:
    """Write the fourth plane anew: FFmpeg's step from RGBA to YUVA makes levels above 127 one larger."""
    bits = frame.format.components[3].bits
    top, most = int(max_value(alpha.dtype)), (1 << bits) - 1
    levels = (alpha.astype(np.uint32) * most + top // 2) // top
    plane = frame.planes[3]
    dtype = np.dtype(np.uint8 if bits <= 8 else "<u2")
    rows = np.zeros((plane.height, plane.line_size // dtype.itemsize), dtype)
    rows[:, : plane.width] = levels
    plane.update(rows.tobytes())
