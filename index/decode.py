"""Bytes to text: byte order marks, UTF-8, and the older encodings by their looks.

It does not repair text that was decoded wrongly before it was stored; `clean` does.
"""

from __future__ import annotations

import codecs
import re

from index.errors import NothingToRead

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<(?:meta[^>]{0,200}?charset=|\?xml[^>]{0,100}?encoding=)["']?\s*([\w-]{2,30})""", re.I
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]")
_SAMPLE = 1 << 16
NOT_TEXT = "not a text file"


def decode(data: bytes) -> str:
    """Return the text that `data` holds; raise NothingToRead for what is no text."""
    text = data.decode(detect(data[: 1 << 20]), errors="replace")
    sample = text[:_SAMPLE]
    if len(_UNPRINTABLE.findall(sample)) > len(sample) / 20 + 2:
        raise NothingToRead(NOT_TEXT)
    return text


def decode_page(data: bytes) -> str:
    """Return the text of a web page, minding the encoding that it declares where UTF-8 fails."""
    declared = _DECLARED.search(data[:4096])
    if declared and not data.startswith(
        (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    ):
        name = declared[1].decode("ascii").lower()
        # A closed list: utf-7 and Python's own codecs would let a page smuggle markup in.
        if re.fullmatch(r"(?:windows|cp|iso|koi8|gb|big5|shift|euc|sjis|latin|mac)[\w-]*", name):
            try:
                data.decode("utf-8")
            except UnicodeDecodeError:
                name = "cp1252" if name in ("iso-8859-1", "latin1", "latin-1") else name
                try:
                    return data.decode(name, errors="replace")
                except LookupError:
                    pass
    return decode(data)


def detect(data: bytes) -> str:
    """Return the encoding of the first part of a file; raise NothingToRead for what is no text."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if b"\0" in data:
        return _unmarked_utf16(data[:_SAMPLE])
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # the end may cut a character
        return "utf-8"
    except UnicodeDecodeError:
        pass
    sample = data[:_SAMPLE]
    broken = sample.decode("utf-8", errors="replace").count("\ufffd")
    high = len(_HIGH.findall(sample))
    # Some stray bytes in a file that is UTF-8 otherwise must not spoil all the others.
    if broken * 4 < high:
        return "utf-8"
    # A Western text, or a short one: too few signs for statistics to be right.
    if high * 30 < len(sample) or (len(sample) < 200 and high * 3 < len(sample)):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, steps=5, chunk_size=512).best()
    return best.encoding if best else "cp1252"


def _unmarked_utf16(sample: bytes) -> str:
    """The order of bytes in UTF-16 without a mark: in a Western text every other byte is zero."""
    half = max(len(sample) // 2, 1)
    first, second = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if max(first, second) < 0.6 or min(first, second) > 0.05:
        raise NothingToRead(NOT_TEXT)
    return "utf-16-be" if first > second else "utf-16-le"
