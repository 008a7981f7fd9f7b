"""The report in a real browser, at the widths of a desktop and of a phone."""

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
    run = made_run(folder)
    file = folder / "report.html"
    file.write_text(render(TEMPLATE, "made", LEAD, tiles(run), sections(run)), "utf-8")
    return file


@pytest.fixture(params=WIDTHS)
def opened(request, browser, page_file):
    """The page with all details open, the URLs that it requested and its console messages."""
    page = browser.new_page(viewport={"width": WIDTHS[request.param], "height": 900})
    page.requested, page.messages = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.messages.append(message.text))
    page.on("pageerror", lambda error: page.messages.append(str(error)))
    page.goto(page_file.as_uri(), wait_until="load")
    page.eval_on_selector_all("details", "all => all.forEach(element => element.open = true)")
    yield page
    page.close()


def test_the_page_loads_nothing_external_and_logs_no_errors(opened):
    external = [url for url in opened.requested if not url.startswith(("file:", "data:"))]
    assert external == [] and opened.messages == []


def test_the_page_does_not_scroll_horizontally(opened):
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


def test_images_are_drawn_and_have_alternative_text(opened):
    images = opened.eval_on_selector_all(
        "img", "all => all.map(i => [i.complete, i.naturalWidth, i.alt.length])"
    )
    assert len(images) == 2
    assert all(complete and width > 100 and alt > 10 for complete, width, alt in images)


def test_text_is_large_enough_to_read(opened):
    sizes = opened.eval_on_selector_all(
        "p, td, th, summary, figcaption, pre",
        "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))",
    )
    assert min(sizes) >= 12
    assert opened.locator("h1").count() == 1


def test_answers_are_side_by_side_on_a_desktop_and_stacked_on_a_phone(opened):
    rows = opened.eval_on_selector_all(
        "#examples .answers",
        "all => all.map(a => [...a.children].map(c => c.getBoundingClientRect().top))",
    )
    assert len(rows) == 2 * len(LANGUAGES)
    side_by_side = opened.viewport_size["width"] == WIDTHS["desktop"]
    assert all(len(tops) == 3 and (len(set(tops)) == 1) == side_by_side for tops in rows)


def test_every_answer_is_marked_with_its_language(opened):
    marked = opened.eval_on_selector_all("#examples [lang]", "all => all.map(e => e.lang)")
    assert set(marked) == set(LANGUAGES)
