"""The panel: one door, and the checks at it."""
