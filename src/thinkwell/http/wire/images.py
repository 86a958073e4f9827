"""Pictures as they come in a request: base64, never an address. What is none, or too large, is refused.

The kind is told by the content, not by what the request says of it. Sizes are read from the file's head,
so that no engine is made to unpack a small file into gigabytes. Knows no door.
"""

from __future__ import annotations

import binascii
import re
import struct

from thinkwell.errors import BadRequest, TooLarge
from thinkwell.values.message import Image

MOST_IMAGES = 50
# Of the file, not of its base64. A body has a smaller limit of its own (``http.max_body_bytes``) by default.
MOST_BYTES = 10_000_000
# Unpacked, that is 150 MB in the engine.
MOST_PIXELS = 50_000_000

_DATA_URL = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.ASCII | re.IGNORECASE)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG segments that tell the size


def image_of_url(url: str, param: str) -> Image:
    """The picture in a ``data:`` URL. Raises BadRequest for any other, and as ``image_of`` does."""
    head = _DATA_URL.match(url)
    if head is None:
        if url[:5].lower() == "data:":
            raise BadRequest(
                "Pictures are taken as data:image/png;base64,… (png, jpeg, webp, gif).", param=param
            )
        raise BadRequest("This site fetches nothing: send the picture itself, as a data: URL.", param=param)
    return image_of(url[head.end() :], param)


def image_of(data: str, param: str) -> Image:
    """Base64 of a file. Raises BadRequest, or TooLarge."""
    if len(data) > MOST_BYTES * 4 // 3 + 4:
        raise TooLarge(f"A picture may have {MOST_BYTES} bytes.", param=param)
    try:
        file = binascii.a2b_base64(data, strict_mode=True)
    except ValueError:  # also for text that is not ASCII
        raise BadRequest("The picture is not base64.", param=param) from None
    try:
        kind, width, height = _read_head(file)
    except (struct.error, IndexError):
        kind, width, height = "", 0, 0
    if not kind or width < 1 or height < 1:
        raise BadRequest("This is no picture that can be read: send png, jpeg, webp or gif.", param=param)
    if width * height > MOST_PIXELS:
        raise TooLarge(
            f"The picture has {width} x {height} points; {MOST_PIXELS} are taken at most.", param=param
        )
    return Image(f"image/{kind}", data)


def _read_head(file: bytes) -> tuple[str, int, int]:
    """Kind, width and height; an empty kind for what is none of the four."""
    if file.startswith(b"\x89PNG\r\n\x1a\n") and file[12:16] == b"IHDR":
        return "png", *struct.unpack(">II", file[16:24])
    if file.startswith((b"GIF87a", b"GIF89a")):
        return "gif", *struct.unpack("<HH", file[6:10])
    if file.startswith(b"\xff\xd8\xff"):
        return "jpeg", *_jpeg_size(file)
    if file.startswith(b"RIFF") and file[8:12] == b"WEBP":
        return "webp", *_webp_size(file)
    return "", 0, 0


def _jpeg_size(file: bytes) -> tuple[int, int]:
    at = 2
    while file[at] == 0xFF:
        marker = file[at + 1]
        if marker == 0xFF:  # fill
            at += 1
        elif marker in _FRAMES:
            height, width = struct.unpack(">HH", file[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + struct.unpack(">H", file[at + 2 : at + 4])[0]
    return 0, 0


def _webp_size(file: bytes) -> tuple[int, int]:
    kind = file[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(file[24:27], "little"), 1 + int.from_bytes(file[27:30], "little")
    if kind == b"VP8L" and file[20] == 0x2F:
        bits = int.from_bytes(file[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and file[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", file[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0
