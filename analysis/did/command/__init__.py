"""The command: reads a file, runs the engine, writes a report. The only part that knows files."""
