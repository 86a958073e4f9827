"""Files as they come with a question and are shown again. All is checked here, whatever the page checked:
by content, never by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from thinkwell.conversations.files import is_text, plain_name
from thinkwell.errors import BadRequest, TooLarge
from thinkwell.http.wire.images import image_of_url
from thinkwell.settings import Files
from thinkwell.values.file import File, Picture, TextFile

# Of the list, before anything is looked at; the operator's ``files.max_files`` is lower.
MOST_FILES = 100


class FileBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text file has ``text``; a picture has ``image``, a data: URL of a png, jpeg, webp or gif."""

    name: Annotated[str, Meta(max_length=1000)]
    text: str | None = None
    image: str | None = None


FileBodies = Annotated[list[FileBody], Meta(max_length=MOST_FILES)]


class WireFile(msgspec.Struct, frozen=True, kw_only=True):
    """``size`` in bytes. What is in it is read apart."""

    name: str
    kind: Literal["text", "picture"]
    size: int


class WireFileContent(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    text: str | None = None
    image: str | None = None


class WireFileContents(msgspec.Struct, frozen=True, kw_only=True):
    items: list[WireFileContent]


class SiteFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What may come with a question. ``pictures``: the model sees them."""

    max_files: int
    max_chars: int
    max_chars_in_all: int
    max_picture_bytes: int
    pictures: bool


def site_files(limits: Files, *, sees: bool) -> SiteFiles:
    return SiteFiles(**msgspec.structs.asdict(limits), pictures=sees)


def files_of(bodies: Sequence[FileBody], limits: Files, *, sees: bool, at: str = "files") -> tuple[File, ...]:
    """Raises BadRequest, or TooLarge; ``param`` says which file."""
    if len(bodies) > limits.max_files:
        raise TooLarge(f"At most {limits.max_files} files are taken with a question.", param=at)
    files = tuple(_file(body, f"{at}.{place}", limits, sees) for place, body in enumerate(bodies))
    if sum(len(file.text) for file in files if isinstance(file, TextFile)) > limits.max_chars_in_all:
        raise TooLarge(
            f"The files have over {limits.max_chars_in_all} characters together. Leave some out.", param=at
        )
    return files


def _file(body: FileBody, at: str, limits: Files, sees: bool) -> File:
    name = plain_name(body.name)
    if (body.text is None) == (body.image is None):
        raise BadRequest("A file has either text, or an image.", param=at)
    if body.image is not None:
        return _picture(name, body.image, f"{at}.image", limits, sees)
    text = body.text or ""
    if len(text) > limits.max_chars:
        raise TooLarge(
            f"{name!r} has {len(text)} characters; {limits.max_chars} are taken at most.", param=f"{at}.text"
        )
    if not text.strip():
        raise BadRequest(f"{name!r} is empty.", param=f"{at}.text")
    if not is_text(text):
        raise BadRequest(f"{name!r} is no text: send text files and pictures.", param=f"{at}.text")
    return TextFile(name, text)


def _picture(name: str, url: str, at: str, limits: Files, sees: bool) -> Picture:
    if not sees:
        raise BadRequest("This model sees no pictures; send text alone.", param=at)
    picture = Picture(name, image_of_url(url, at))
    if picture.size > limits.max_picture_bytes:
        raise TooLarge(
            f"{name!r} has {picture.size} bytes; {limits.max_picture_bytes} are taken at most.", param=at
        )
    return picture


def wire_file(file: File) -> WireFile:
    kind: Literal["text", "picture"] = "text" if isinstance(file, TextFile) else "picture"
    return WireFile(name=file.name, kind=kind, size=file.size)


def wire_content(file: File) -> WireFileContent:
    if isinstance(file, TextFile):
        return WireFileContent(name=file.name, text=file.text)
    return WireFileContent(name=file.name, image=f"data:{file.image.media_type};base64,{file.image.data}")
