"""results/README.md names every result of a run."""

from checkout import ROOT


def test_every_file_and_folder_of_a_run_is_on_the_page(demo):
    page = (ROOT / "results/README.md").read_text(encoding="utf-8")
    names = {path.name for path in (demo.folder / "results/demo").iterdir()}
    assert {name for name in names if f"`{name}" not in page} == set()
