"""The one error that means: the user's input is at fault.

The command line turns it into exit code 2 and prints the message alone. Anything else that
escapes is a defect of ours and ends with a traceback and exit code 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class InputError(ValueError):
    """Data or arguments that cannot be used as given.

    Parameters
    ----------
    problem
        What is wrong, in one sentence, with the units or values concerned.
    file, row, column, value
        Where it stands. ``row`` is the line in the file, the header being line 1.
    expected
        What would have been right.
    action
        What the user can do about it.

    Examples
    --------
    >>> import rollout_did as did
    >>> try:
    ...     did.Options(control="nobody")
    ... except did.InputError as error:
    ...     print(error)
    control is 'nobody'
      expected: one of not_yet, never
    """

    def __init__(
        self,
        problem: str,
        *,
        file: object = None,
        row: object = None,
        column: object = None,
        value: object = None,
        expected: str = "",
        action: str = "",
    ) -> None:
        self.problem = problem
        self.file, self.row, self.column, self.value = file, row, column, value
        self.expected, self.action = expected, action
        place = [
            f"{name} {given}"
            for name, given in (("file", file), ("row", row), ("column", column))
            if given is not None
        ]
        if value is not None:
            place.append(f"value {value!r}")
        lines = [problem]
        if place:
            lines.append("  where: " + ", ".join(place))
        if expected:
            lines.append("  expected: " + expected)
        if action:
            lines.append("  what to do: " + action)
        super().__init__("\n".join(lines))


def why_no_file(path: Path) -> str:
    """What stands where a file should, to follow its name in a message."""
    if path.is_dir():
        return "is a folder"
    if path.parts and path.parts[0].endswith(":") and len(path.parts[0]) > len("C:"):
        return "is an address, and nothing is fetched"
    if path.exists():
        return "is no file but a device, a pipe or a socket"
    return "is a link that leads nowhere" if path.is_symlink() else "does not exist"
