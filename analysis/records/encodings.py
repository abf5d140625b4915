"""The encoding of a CSV file: the first of UTF-16 by its mark, UTF-8 and GB18030 in which all of it decodes.

GB18030 gives a sign to nearly all bytes, so that text in Latin-1, or in UTF-8 with one damaged byte,
decodes to other words: in one of two files, a platform or a person would have a second name. Such text
is told apart and refused. Big5 and the encodings of Japanese and Korean are not told apart.
"""

from __future__ import annotations

import codecs
import re

import pyarrow as pa

from analysis.base.errors import InputError

BLOCK = 4 << 20
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
ENCODINGS = ("utf-8", "gb18030")
ENOUGH = 10_000  # signs of a block tell what it is
OTHERS = {  # first bytes of what is no text
    b"\x1f\x8b": "gzip: name it .csv.gz",
    b"\x28\xb5\x2f\xfd": "Zstandard: name it .csv.zst",
    b"PAR1": "Parquet: name it .parquet",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook: unpack it, or export it as CSV",
    b"BZh": "bzip2: unpack it",
    b"\xfd7zXZ": "xz: unpack it",
    b"ORC": "ORC: convert it to Parquet",
    b"\xd0\xcf\x11\xe0": "an Excel workbook: export it as CSV",
}


def find_encoding(path: str, compression: str | None) -> tuple[str, str]:
    """The encoding of a file, and the start of its text.

    Raises
    ------
    InputError
        No encoding fits, the file is no text, or its compression is damaged.
    """
    try:
        return _decode(path, compression)
    except (OSError, EOFError):
        raise InputError(
            "a compressed file is truncated or damaged", file=path, action="deliver it again"
        ) from None


def _decode(path: str, compression: str | None) -> tuple[str, str]:
    with pa.input_stream(path, compression=compression) as stream:
        mark = stream.read(8)
    for sign, kind in OTHERS.items():
        if mark.startswith(sign):
            raise InputError("a file is no text, as its name says", file=path, action=f"it is {kind}")
    marked = [name for sign, name in MARKS if mark.startswith(sign)]
    plain = ["utf-16-le"] if mark[1:2] == b"\0" else ["utf-16-be"] if mark[:1] == b"\0" else ENCODINGS
    for encoding in marked or plain:
        decoder = codecs.getincrementaldecoder(encoding)()
        start, block, foreign, strange = "", b"", 0, 0
        try:
            with pa.input_stream(path, compression=compression) as stream:
                while block := stream.read(BLOCK):
                    text = decoder.decode(block)
                    start = start or text[:BLOCK]
                    if not text.isascii():
                        more, odd = _count_strange(text) if encoding == "gb18030" else (1, 0)
                        foreign, strange = foreign + more, strange + odd
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            if encoding == "utf-8" and (foreign or _mostly_utf8(block)):
                break
            continue
        if strange * 2 > foreign:
            break
        return encoding, start.removeprefix("\ufeff")
    raise InputError(
        "a CSV file is in an encoding that is not read here, or a byte of it is damaged",
        file=path,
        expected="UTF-8, GB18030 or UTF-16",
        action="export it again as UTF-8",
    )


def _count_strange(text: str) -> tuple[int, int]:
    """Of signs in GB18030 of two bytes: how many, and those whose second byte is a letter of ASCII.

    Few Chinese signs are so; nearly all letters with accents are, when Latin-1 is taken for GB18030.
    """
    signs = [sign.encode("gb18030") for sign in "".join(re.findall("[^\x00-\x7f]+", text))[:ENOUGH]]
    pairs = [sign for sign in signs if len(sign) == 2]
    return len(pairs), sum(pair[1] < 0x80 for pair in pairs)


def _mostly_utf8(block: bytes) -> bool:
    """Whether bytes that do not decode are fewer than the signs beyond ASCII that do."""
    signs = [sign for sign in block.decode("utf-8", errors="replace") if sign > "\x7f"]
    return 2 * signs.count("\ufffd") < len(signs)
