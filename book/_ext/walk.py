"""The walk over a page's nodes, made quick: each page is searched by some hundred transforms.

docutils nests one generator in another for every level of the tree, so that each node costs as many calls
as it lies deep. Here one generator keeps the path to where it is; nodes and their order are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx.application import Sphinx

whole: Callable[..., Iterator[nodes.Node]] = nodes.Node.findall  # with siblings and parents


def findall(
    self: nodes.Node,
    condition: Any = None,
    include_self: bool = True,
    descend: bool = True,
    siblings: bool = False,
    ascend: bool = False,
) -> Iterator[nodes.Node]:
    """`docutils.nodes.Node.findall`; by docutils itself unless all and only the nodes below are asked for."""
    if siblings or ascend or not descend:
        return whole(self, condition, include_self, descend, siblings, ascend)
    return below(self, condition, include_self)


def below(top: nodes.Node, condition: Any, include_self: bool) -> Iterator[nodes.Node]:
    """A node and all below it that meet a condition: a class, a function, or none; parents come first."""
    ahead = [top] if include_self else list(top.children[::-1])
    if isinstance(condition, type):
        while ahead:
            node = ahead.pop()
            if isinstance(node, condition):
                yield node
            if node.children:
                ahead += node.children[::-1]
        return
    while ahead:
        node = ahead.pop()
        if condition is None or condition(node):
            yield node
        if node.children:
            ahead += node.children[::-1]


def setup(app: Sphinx) -> dict[str, bool]:
    """Put the walk in the place of docutils' own."""
    nodes.Node.findall = findall
    return {"parallel_read_safe": True, "parallel_write_safe": True}
