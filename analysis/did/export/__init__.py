"""The panel and a script for other software, with the engine's numbers to compare."""
