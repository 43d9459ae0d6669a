"""Checks that hostile names do nothing. Usage: harmless.py FILE markdown|log

Markdown is rendered as GitHub renders it (GFM with raw HTML) and looked at as a page.
"""

import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()


def fail(why):
    sys.exit(f"FAILED: {sys.argv[1]}: {why}\n{text}")


if "\u202e" in text:
    fail("a bidirectional control character is there as such")
if sys.argv[2] == "log":
    for line in text.splitlines():
        if line.strip().startswith("::error::pwned"):
            fail("a name became a workflow command")
else:
    from markdown_it import MarkdownIt

    page = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)
    outside = re.sub(r"<(pre|code)\b.*?</\1>", "", page, flags=re.S)
    visible = re.sub(r"<!--.*?-->", "", outside, flags=re.S)
    if "<img" in page or "//e.x" in re.sub(r"<[^>]*>", "", visible) and "<a href=\"//e.x" in page:
        fail("an image or a link came from a name")
    # GitHub links mentions and numbers outside of code, unless a tag stands between.
    for dangerous in (r"(?<![\w>])@team", r"(?<![\w>&/])#1\b"):
        if re.search(dangerous, visible):
            fail(f"{dangerous} is a reference outside of code")
    for tag in ("details", "table", "pre", "summary"):
        if len(re.findall(rf"<{tag}\b", page)) != len(re.findall(rf"</{tag}>", page)):
            fail(f"<{tag}> is not balanced")
print(f"  ok: {sys.argv[2]} of {sys.argv[1].rsplit('/', 1)[-1]} is harmless")
