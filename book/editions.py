"""Run Jupyter Book on editions, each in a copy of one process that has loaded it: ``build.py`` calls this.

To load Jupyter Book takes a third of the time of an edition. The exit code has bit k where edition k failed.
What Jupyter Book says of an edition is in `MESSAGES` of its folder.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path

MESSAGES = "messages.txt"
STRICT = ("--warningiserror", "--nitpick", "--keep-going", "--quiet")


def load(source: Path) -> None:
    """Import Sphinx, its extensions that the edition names, and the engine that its page api describes."""
    import yaml
    from sphinx.application import builtin_extensions

    options = yaml.safe_load((source / "_config.yml").read_text("utf-8"))["sphinx"]
    used = options.get("config", {}).get("extensions", [])
    for name in ("jupyter_book.cli.main", "jupyter_book.sphinx", *builtin_extensions, *used):
        if name not in options.get("local_extensions", {}):
            import_module(name)
    engine = import_module("analysis.did")
    for name in engine.__all__:
        getattr(engine, name)


def make(source: Path, folder: Path) -> int:
    """Build one edition into a folder; 0 if nothing was wrong with it."""
    from jupyter_book.cli.main import main

    messages = os.open(folder / MESSAGES, os.O_WRONLY | os.O_CREAT)
    sys.stdout.flush()
    for stream in (1, 2):
        os.dup2(messages, stream)
    sys.argv = ["jupyter-book", "build", str(source), "--path-output", str(folder), *STRICT]
    try:
        main()
    except SystemExit as done:
        return int(done.code != 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def main() -> int:
    """Build the editions of the command line, pairs of source and folder, so many at a time."""
    jobs, *places = sys.argv[1:]
    pairs = list(zip(map(Path, places[::2]), map(Path, places[1::2]), strict=True))
    # Parts of a page point at each other, and few are gone before its build ends: rarely searched for.
    gc.set_threshold(200_000, 50, 50)
    load(pairs[0][0])
    if len(pairs) == 1:
        return make(*pairs[0])
    gc.freeze()  # what is loaded stays
    failed, running = 0, {}
    for number, pair in enumerate(pairs):
        copy = os.fork()
        if copy == 0:
            os._exit(make(*pair))
        running[copy] = number
        while running and (len(running) == int(jobs) or number == len(pairs) - 1):
            ended, status = os.wait()
            failed |= bool(status) << running.pop(ended)
    return failed


if __name__ == "__main__":
    sys.exit(main())
