"""results/README.md names what a run leaves."""

from checkout import ROOT


def test_every_file_and_folder_of_a_run_is_on_the_page(demo):
    page = (ROOT / "results/README.md").read_text(encoding="utf-8")
    left = {path.name for path in (demo.folder / "results/demo").iterdir()}
    assert {name for name in left if f"`{name}" not in page} == set()
