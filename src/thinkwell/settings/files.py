"""What may come with a question: the room ``files`` of the settings."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class Files(msgspec.Struct, frozen=True, kw_only=True):
    max_files: Annotated[
        int, Meta(description="Most files and pictures with one question; 0: none are taken", ge=0, le=100)
    ] = 10
    max_chars: Annotated[int, Meta(description="Most characters of one text file", ge=1)] = 100_000
    max_chars_in_all: Annotated[
        int, Meta(description="Most characters of all text files of a question together", ge=1)
    ] = 200_000
    max_picture_bytes: Annotated[
        int,
        Meta(
            description="Most bytes of one picture; the page makes it smaller until it fits. All of them, a "
            "third larger in base64, must fit into http.max_body_bytes",
            ge=1024,
        ),
    ] = 250_000
