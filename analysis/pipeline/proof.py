"""Commands on a finished project: its checksums, its deposit, and whether a rebuild gives the same bytes.

All take ``--root``, the folder of the project. ``aside`` runs before a rebuild, the others after it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.did.command.typed import whole

Root = Annotated[Path, typer.Option(help="Folder of the project.")]
ROOT = Path()


def aside(root: Root = ROOT) -> None:
    """In an unpacked archive, set its products aside to compare a rebuild with; elsewhere do nothing."""
    from analysis.verify.sources import is_checkout

    if not is_checkout(root):  # the usual case loads nothing more: every step waits for this one
        from analysis.verify import reference

        reference.set_aside(root)


def manifest(root: Root = ROOT) -> None:
    """Write the checksums of the products, to be committed with them."""
    from analysis.verify import reference

    reference.write_manifest(root)


def crate(root: Root = ROOT) -> None:
    """Write the RO-Crate metadata of the deposit, to be committed."""
    from analysis.verify import crate as room

    room.write_crate(root)


def verify(
    root: Root = ROOT,
    report_only: Annotated[bool, typer.Option(help="Report differences without failing.")] = False,
) -> None:
    """Compare the products with the last commit, or an archive's manifest, and write the report."""
    from analysis.verify import compare

    compare.run(root, strict=not report_only)


def moved(
    root: Root = ROOT,
    since: Annotated[str, typer.Option(help="Commit to compare with.")] = "HEAD",
) -> None:
    """List the numbers of the texts that differ from those of a commit: what a change log has to name."""
    from analysis.base.progress import say
    from analysis.verify import moved as room

    for line in room.listing(room.since(root, since)):
        say(line)


def stable(root: Root = ROOT) -> None:
    """Build everything twice and compare the bytes."""
    from analysis.verify import stable as room

    room.run(root)


def kernels(root: Root = ROOT) -> None:
    """Build the numbers under other kernels and threads and compare the bytes."""
    from analysis.verify import kernels as room

    room.run(root)


def faults(
    root: Root = ROOT,
    moments: Annotated[int, whole("Kills of each command.")] = 20,
    seed: Annotated[int, whole("The same seed draws the same moments.")] = 0,
    build: Annotated[
        bool, typer.Option(help="Kill make -j2 too: each time a whole build is resumed.")
    ] = True,
) -> None:
    """Kill every command with outputs at random moments, resume, and compare the bytes."""
    from analysis.verify import faults as room

    room.run(root, moments, seed, build)


def preflight(root: Root = ROOT) -> None:
    """Check what a data editor checks first: paths, licences, citations, personal paths."""
    from analysis.verify import preflight as room

    room.run(root)


AFTERWARDS = (manifest, crate, verify, moved, stable, kernels, faults, preflight)  # in this order
