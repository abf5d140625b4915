"""What the book adds for a screen reader: text of the other language is marked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXTENSIONS = Path(__file__).parents[2] / "book" / "_ext"


def marked(page: str, edition: str) -> str:
    """A page as the extension marks it."""
    program = "import sys, lang_marks as m; print(m.marked(sys.argv[1], *m.OTHER[sys.argv[2]]), end='')"
    command = [sys.executable, "-X", "utf8", "-c", program, page, edition]
    done = subprocess.run(command, env={"PYTHONPATH": str(EXTENSIONS)}, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("edition", "page", "expected"),
    [
        ("en", "<p>See 粤人社规 and 2026</p>", '<p>See <span lang="zh-Hans">粤人社规</span> and 2026</p>'),
        ("en", '<p title="工伤">x</p>', '<p title="工伤">x</p>'),  # an attribute cannot hold an element
        ("en", "<head><title>工伤</title></head><p>保险</p>",
         '<head><title>工伤</title></head><p><span lang="zh-Hans">保险</span></p>'),
        ("en", "<script>a = '工伤'</script>", "<script>a = '工伤'</script>"),
        ("en", "<script>a = '<svg>' < 1</script><p>工</p>",  # markup in a program opens nothing
         "<script>a = '<svg>' < 1</script><p><span lang=\"zh-Hans\">工</span></p>"),
        ("zh", "<p>用 Teller Report 的译文</p>", '<p>用 <span lang="en">Teller Report</span> 的译文</p>'),
        ("zh", "<p><code>run two words</code> 与 Holm</p>", "<p><code>run two words</code> 与 Holm</p>"),
    ],
)  # fmt: skip
def test_text_of_the_other_language_is_marked_and_nothing_else(
    edition: str, page: str, expected: str
) -> None:
    assert marked(page, edition) == expected
