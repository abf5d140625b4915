"""The steps of the build and their commands: the table of contents."""
