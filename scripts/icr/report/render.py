"""Render the report's elements as one self-contained HTML page."""

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from icr.report.elements import Opening, Section
from icr.storage.files import read_text


def render(
    template: str | Path,
    run: str,
    lead: str,
    tiles: Sequence[tuple[str, str]],
    sections: Sequence[Section],
    opening: Opening | None = None,
) -> str:
    """The page as HTML. All text is escaped and all images are embedded.

    ``opening`` comes first, then ``tiles`` (number, label); sections without elements are left out.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["markdown"] = markdown
    page = environment.from_string(read_text(template))
    shown = [section for section in sections if section.elements]
    return page.render(run=run, lead=lead, opening=opening, tiles=tiles, sections=shown)


def markdown(text: str) -> Markup:
    """Markdown as HTML, with each table in a box that scrolls.

    HTML in the text is escaped, except the superscripts of notes; images are left out.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    html = parser.render(text)
    html = re.sub(r"<(/?)h[1-5]>", r"<\1h3>", html)
    boxed = html.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    boxed = re.sub(r"&lt;sup&gt;([\d,]+)&lt;/sup&gt;", r"<sup>\1</sup>", boxed)
    return Markup(boxed.replace("</table>", "</table></div>"))
