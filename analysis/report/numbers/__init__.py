"""Numbers that the texts name, by subject."""
