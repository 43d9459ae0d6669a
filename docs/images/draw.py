"""Draws the README's pictures from real output. Usage: draw.py MARKDOWN PICTURE [TITLE LABEL...]

Needs markdown-it-py, and chromium on PATH. With a title the page looks like an issue.
"""

import html
import pathlib
import re
import subprocess
import sys
import tempfile

from markdown_it import MarkdownIt

STYLE = """
body { margin: 0; padding: 24px; width: 820px; background: #fff; color: #1f2328;
       font: 15px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
h1 { font-size: 26px; font-weight: 400; margin: 0 0 8px; }
h2 { font-size: 20px; border-bottom: 1px solid #d1d9e0; padding-bottom: 6px; margin: 22px 0 12px; }
h3 { font-size: 17px; margin: 18px 0 10px; }
.state { display: inline-block; background: #1f883d; color: #fff; border-radius: 2em; padding: 3px 12px; font-weight: 600; font-size: 13px; }
.label { display: inline-block; border-radius: 2em; padding: 1px 9px; font-size: 12px; font-weight: 600; margin-left: 6px; background: #fbca04; color: #000; }
.label.removed { background: #b60205; color: #fff; }
.box { border: 1px solid #d1d9e0; border-radius: 6px; margin-top: 14px; }
.box .head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; padding: 7px 16px; font-size: 13px; color: #59636e; }
.box .body { padding: 4px 16px 12px; }
table { border-collapse: collapse; margin: 10px 0; }
th, td { border: 1px solid #d1d9e0; padding: 5px 12px; }
tr:nth-child(2n) { background: #f6f8fa; }
code { background: #eff1f3; border-radius: 5px; padding: 2px 5px; font: 12.5px ui-monospace, "DejaVu Sans Mono", monospace; }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px 14px; overflow: hidden; }
pre code { background: none; padding: 0; }
a { color: #0969da; text-decoration: none; }
sub { color: #59636e; }
"""


def main():
    source, picture, *words = sys.argv[1:]
    text = re.sub(r"<!--.*?-->", "", pathlib.Path(source).read_text(), flags=re.S)
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    if words:
        title, *labels = words
        marks = "".join(
            f'<span class="label {"removed" if label.endswith("removed") else ""}">{html.escape(label)}</span>'
            for label in labels
        )
        page = (
            f'<h1>{html.escape(title)} <span style="color:#59636e">#1</span></h1>'
            f'<span class="state">Open</span>{marks}'
            f'<div class="box"><div class="head"><b>github-actions</b> bot</div><div class="body">{page}</div></div>'
        )
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "page.html")
        file.write_text(f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style><body>{page}')
        measure = pathlib.Path(folder, "measure.html")
        measure.write_text(file.read_text() + "<script>document.title=document.body.scrollHeight</script>")
        chromium = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", f"--user-data-dir={folder}/profile",
        ]
        dom = subprocess.run([*chromium, "--window-size=868,400", "--dump-dom", measure.as_uri()], capture_output=True, text=True, check=True).stdout
        height = int(re.search(r"<title>(\d+)", dom).group(1)) + 10
        subprocess.run([*chromium, f"--window-size=868,{height}", "--hide-scrollbars", f"--screenshot={pathlib.Path(picture).absolute()}", file.as_uri()], check=True, capture_output=True)


main()
