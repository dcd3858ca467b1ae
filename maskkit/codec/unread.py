"""Formats that are known and not read, so that an error can say what a file is: rows of `formats.FORMATS`.

Name, signature, suffixes, media type, what to do instead.
"""

from __future__ import annotations

__all__ = ["UNREAD"]

UNREAD = (
    (
        "psd",
        rb"8BPS\0[\x01\x02]",
        ".psd .psb",
        "image/vnd.adobe.photoshop",
        "take a layer by its name (--layer, read_layers) or save a flattened copy as PNG or TIFF",
    ),
    (
        "ora",
        rb"(?s)PK\x03\x04.{26}mimetypeimage/openraster",
        ".ora",
        "image/openraster",
        "take a layer by its name (--layer, read_layers) or export a flattened copy as PNG",
    ),
    ("exr", rb"v/1\x01", ".exr", "image/x-exr", "bring it into 0 to 1 and save it as TIFF or PNG of 16 bits"),
    ("jxl", rb"\xff\x0a|\0{3}\x0cJXL \r\n\x87\n", ".jxl", "image/jxl", "convert it to PNG"),
    (
        "jp2",
        rb"\0{3}\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
        ".jp2 .j2k .jpx",
        "image/jp2",
        "convert it to PNG or TIFF",
    ),
    (
        "tga",
        # its footer, or the header of true colour or grey without a palette
        rb"(?s).*TRUEVISION-XFILE\.\0\Z|\0\0[\x02\x03\x0a\x0b]\0{5}.{8}[\x08\x10\x18\x20]",
        ".tga",
        "image/x-tga",
        "convert it to PNG",
    ),
    (
        "ico",
        rb"\0\0[\x01\x02]\0[^\0]\0",
        ".ico .cur",
        "image/vnd.microsoft.icon",
        "save the size that you need as PNG",
    ),
    ("dds", rb"DDS \x7c\0\0\0", ".dds", "image/vnd-ms.dds", "convert it to PNG"),
    ("qoi", rb"qoif", ".qoi", "image/qoi", "convert it to PNG"),
    (
        "svg",
        rb"(?s)(?:\xef\xbb\xbf)?\s*<(?:svg[\s/>]|[?!].*<svg[\s/>])",
        ".svg",
        "image/svg+xml",
        "render it to PNG at the size that you need",
    ),
    (
        "raw",
        # Canon, Fujifilm, Panasonic and Olympus; those that are TIFFs inside are told by `KnownTiff`
        rb"(?s)II\*\0.{4}CR\x02|.{4}ftypcrx |FUJIFILMCCD-RAW|IIU\0|IIR[OS]|MMOR",
        ".dng .cr2 .cr3 .nef .arw .raf .rw2 .orf .pef",
        "image/x-raw",
        "develop it to a TIFF of 16 bits or a JPEG",
    ),
    ("pdf", rb"%PDF-", ".pdf", "application/pdf", "render the page that you need to PNG"),
    (
        "eps",
        rb"%!PS|\xc5\xd0\xd3\xc6",
        ".eps .ps",
        "application/postscript",
        "render it to PNG at the size that you need",
    ),
    (
        "kra",
        rb"(?s)PK\x03\x04.{26}mimetypeapplication/x-krita",
        ".kra",
        "application/x-krita",
        "save its layers as ORA or PSD, or export a flattened copy as PNG",
    ),
    (
        "xcf",
        rb"gimp xcf",
        ".xcf",
        "image/x-xcf",
        "export its layers as ORA or PSD, or a flattened copy as PNG",
    ),
    (
        "pnm",
        rb"P[1-7]\s|P[Ff]\s",
        ".ppm .pgm .pbm .pam .pfm .pnm",
        "image/x-portable-anymap",
        "convert it to PNG or TIFF",
    ),
    (
        "hdr",
        rb"#\?(?:RADIANCE|RGBE)",
        ".hdr",
        "image/vnd.radiance",
        "bring it into 0 to 1 and save it as TIFF or PNG of 16 bits",
    ),
    ("dpx", rb"SDPX|XPDS", ".dpx", "image/x-dpx", "bring it to sRGB and save it as TIFF or PNG of 16 bits"),
    ("jls", rb"\xff\xd8\xff\xf7", ".jls", "image/jls", "convert it to PNG"),
    ("jxr", rb"II\xbc[\0\x01]", ".jxr .wdp", "image/jxr", "convert it to PNG or TIFF"),
)
