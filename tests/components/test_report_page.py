"""The report in a real browser, at the width of a desk and of a phone."""

import shutil

import pytest
from made_run import LANGUAGES, made_run

from icr.report.captions import LEAD
from icr.report.content import sections, tiles
from icr.report.render import render
from icr.storage.project import ROOT

TEMPLATE = ROOT / "scripts/icr/report/template.html.j2"
WIDTHS = {"desktop": 1280, "phone": 390}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    given = made_run(folder)
    file = folder / "report.html"
    file.write_text(render(TEMPLATE, "made", LEAD, tiles(given), sections(given)), "utf-8")
    return file


@pytest.fixture(params=WIDTHS)
def opened(request, browser, page_file):
    """The page, everything unfolded, and what it asked for and complained of on the way."""
    page = browser.new_page(viewport={"width": WIDTHS[request.param], "height": 900})
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(page_file.as_uri(), wait_until="load")
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    yield page
    page.close()


def test_nothing_is_loaded_from_elsewhere_and_nothing_complains(opened):
    elsewhere = [url for url in opened.asked if not url.startswith(("file:", "data:"))]
    assert elsewhere == [] and opened.said == []


def test_the_page_does_not_scroll_sideways(opened):
    inner, outer = opened.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert inner <= outer


def test_wide_tables_scroll_in_their_own_box(opened):
    boxes = opened.eval_on_selector_all(
        ".scroll", "all => all.map(b => [b.scrollWidth > b.clientWidth, b.tabIndex])"
    )
    assert all(reachable == 0 for _, reachable in boxes)
    if opened.viewport_size["width"] == WIDTHS["phone"]:
        assert any(wide for wide, _ in boxes)


def test_pictures_are_drawn_and_described(opened):
    pictures = opened.eval_on_selector_all(
        "img", "all => all.map(i => [i.complete, i.naturalWidth, i.alt.length])"
    )
    assert len(pictures) == 2
    assert all(complete and width > 100 and alt > 10 for complete, width, alt in pictures)


def test_text_can_be_read(opened):
    sizes = opened.eval_on_selector_all(
        "p, td, th, summary, figcaption, pre",
        "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))",
    )
    assert min(sizes) >= 12
    assert opened.locator("h1").count() == 1


def test_answers_stand_side_by_side_on_a_desk_and_below_each_other_on_a_phone(opened):
    rows = opened.eval_on_selector_all(
        "#examples .answers",
        "all => all.map(a => [...a.children].map(c => c.getBoundingClientRect().top))",
    )
    assert len(rows) == 2 * len(LANGUAGES)
    aside = opened.viewport_size["width"] == WIDTHS["desktop"]
    assert all(len(tops) == 3 and (len(set(tops)) == 1) == aside for tops in rows)


def test_every_language_is_marked(opened):
    marked = opened.eval_on_selector_all("#examples [lang]", "all => all.map(e => e.lang)")
    assert set(marked) == set(LANGUAGES)
