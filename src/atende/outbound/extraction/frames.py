"""What the child process and its parent say to each other.

The parent writes the file as one block: its length in eight bytes, and its bytes. The child writes frames: a letter, a length in
four bytes, and the content. `P` is a picture to be recognised (its page, width, height and scale, then the pixels), `E` says that
there are no more of them: then the parent writes what was recognised, as a block of JSON. `A` is the answer in JSON, and the last
frame.
"""

import struct
from typing import BinaryIO

from atende.outbound.extraction.result import Picture

PICTURE, END, ANSWER = b"P", b"E", b"A"
FRAME = struct.Struct(">cI")
_BLOCK = struct.Struct(">Q")
_SIZE = struct.Struct(">IIIf")


def block(data: bytes) -> bytes:
    return _BLOCK.pack(len(data)) + data


def read_block(stream: BinaryIO) -> bytes:
    (length,) = _BLOCK.unpack(stream.read(_BLOCK.size))
    return stream.read(length)


def frame(kind: bytes, content: bytes = b"") -> bytes:
    return FRAME.pack(kind, len(content)) + content


def picture_frame(picture: Picture) -> bytes:
    head = _SIZE.pack(picture.page, picture.width, picture.height, picture.scale)
    return FRAME.pack(PICTURE, len(head) + len(picture.grey)) + head + picture.grey


def as_picture(content: bytes) -> Picture:
    """Raises ValueError."""
    if len(content) < _SIZE.size:
        raise ValueError("no picture")
    page, width, height, scale = _SIZE.unpack_from(content)
    if width * height != len(content) - _SIZE.size or not width or not height:
        raise ValueError("not as many pixels as it says")
    return Picture(page, width, height, content[_SIZE.size :], scale)
