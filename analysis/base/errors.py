"""The one error that means the user's input is at fault: the engine's, so that one clause catches both.

The engine is a library of its own and imports nothing from here; the rooms of the study raise its error
instead of a second one like it.
"""

from analysis.did.errors import InputError, why_no_file

__all__ = ["InputError", "why_no_file"]
