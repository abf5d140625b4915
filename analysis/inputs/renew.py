"""Renew the hashes of the raw record after a deliberate edit: ``python -m analysis.inputs.renew``.

Rewrites ``bytes`` and ``hash`` in ``datapackage.yaml`` and nothing else, so that the review of a
changed fact shows the fact and two lines. Descriptions, order and comments stay as written. It
describes no new files: that is written by hand.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from analysis.base.errors import InputError
from analysis.base.files import write_text
from analysis.inputs.descriptor import DESCRIPTOR, digest, read_descriptor

PATH = re.compile(r"^\s+path: (\S+\.csv)\s*$")
BYTES = re.compile(r"^(\s+bytes: )\d+(\s*)$")
HASH = re.compile(r"^(\s+hash: )\S+(\s*)$")


def renew_record(folder: Path) -> list[str]:
    """Write the size and SHA-256 of every raw file into the record.

    Returns
    -------
    list of str
        The files whose hash changed.

    Raises
    ------
    InputError
        The record names a file that is not there, or cannot be read.
    """
    changed = []
    content: bytes | None = None
    lines = (folder / DESCRIPTOR).read_text(encoding="utf-8").splitlines()
    recorded = {resource["path"]: resource["hash"] for resource in read_descriptor(folder)["resources"]}
    for number, line in enumerate(lines):
        path = PATH.match(line)
        if path:
            file = folder / path[1]
            if not file.is_file():
                raise InputError(
                    "raw file missing", file=file, expected=f"every file that {DESCRIPTOR} names"
                )
            content = file.read_bytes()
            if recorded[path[1]] != digest(content):
                changed.append(path[1])
        elif content is not None:
            line = BYTES.sub(rf"\g<1>{len(content)}\2", line)
            lines[number] = HASH.sub(rf"\g<1>{digest(content)}\2", line)
    write_text("\n".join(lines) + "\n", folder / DESCRIPTOR)
    return changed


def main() -> None:
    """Renew the record of the folder given as argument, ``data/raw`` by default."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data/raw")
    try:
        changed = renew_record(folder)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    print(f"renewed: {', '.join(changed) or 'nothing had changed'}", file=sys.stderr)


if __name__ == "__main__":
    main()
