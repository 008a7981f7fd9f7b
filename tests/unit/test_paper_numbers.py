"""The paper's printed numbers: all transcribed, and inconsistent only where a footnote says so."""

import csv
import hashlib
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from icr.tables.description import read_description
from icr.tables.paper import Printed, read_paper, row_mean

CONFIG = Path(__file__).resolve().parents[2] / "config"
COLUMNS = ["table", "section", "model", "iteration", "language", "metric", "value", "stderr"]
# Rows and SHA-256 of the transcription: one line per row, the columns above joined by bars.
EXPECTED = {
    1: (24, "3cd2b159cfee78f29b09fdf5b03152e54f59c2cd87233bb2fb99a3bb65973a75"),
    2: (216, "217d1c517bfc0a062684e2052a921fd8b44cf647c3d29bc7fc671ea7a33a692a"),
    3: (18, "3663daa7ceb563a733e4854b771569d2e2d5164b6b7050dfeb9e74c04ca57ff3"),
    4: (25, "115e817ade04602b46e1c996fda59900a4ff742ad0f0a5102c03517733da3161"),
    5: (15, "c1fb0ffe57cf98e5970d15ab5530d4fac32734bc5ee36e9ca092a0a4933b9c8c"),
    6: (18, "ea6c3c7722c460ab7450c7914e868f076ec36658836870290c3966d28e838cbe"),
    7: (6, "964ae0b98484b5faa3e730618bea7aaf31cd338f3b468dc7b16254d62cb42b6e"),
    8: (180, "6bdc783272d8806bd0025a59ad758e8a76fa421991db0e18341a8e1f395d6fe0"),
    9: (10, "983859693aa55bfb06de4439776f11e5b046c6f121acb65d0ce7af258e2ffaa8"),
    10: (30, "ed83f7515bf704c1fda52ffded78488efe0454daab86009fa048aa5a2bb623d6"),
    11: (78, "507a3faad15330c03a1c726c1d5efca76e9bf9aea7c3301d5fecd12c0b173bd9"),
    12: (52, "579d96d10efbb067176f70d3021baa91a87c62ba5dbf92d1d97acb917935ece1"),
    13: (65, "471657f3a0db28834e074260ca6b7c961568a7674d7a2ac0c6dc97743bbd4e2d"),
    14: (150, "e72a2bbf674194ac21f105439e75edc863c5b7b19598e5948d8a9696eedb7a38"),
    15: (18, "ad9825c3ccf8b4486e452e12f08602bb4a3ecebb4420b5152284c1fe10eab0b7"),
}


def rows(table):
    with (CONFIG / f"paper/table{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def wrong_averages():
    footnotes = yaml.safe_load((CONFIG / "paper/footnotes.yaml").read_text(encoding="utf-8"))
    return {(f["table"], f["row"], f["metric"]): f for f in footnotes["averages"]}


@pytest.mark.parametrize("table", EXPECTED)
def test_numbers_match_the_transcription(table):
    lines = ["|".join(row[column] for column in COLUMNS) + "\n" for row in rows(table)]
    assert (len(lines), hashlib.sha256("".join(lines).encode()).hexdigest()) == EXPECTED[table]


def test_all_fifteen_tables_have_905_numbers():
    assert sum(len(rows(table)) for table in EXPECTED) == 905


@pytest.mark.parametrize("table", EXPECTED)
def test_rows_match_the_description(table):
    described = read_description(CONFIG / "tables.yaml").tables[table]
    assert list(dict.fromkeys(r["row"] for r in rows(table))) == [r.name for r in described.rows]
    cells = [(r["row"], r["language"], r["metric"]) for r in rows(table)]
    assert len(set(cells)) == len(cells)
    assert {r["metric"] for r in rows(table)} == set(described.metrics)


def test_averages_are_the_means_of_their_rows_except_where_footnoted():
    wrong = {}
    for table in EXPECTED:
        cells = {(r["row"], r["language"], r["metric"]): Printed(r["value"]) for r in rows(table)}
        for (row, language, metric), printed in cells.items():
            if language == "avg" and (row, "en", metric) in cells:
                mean = row_mean(cells, row, metric)
                if Decimal(mean) != Decimal(printed.value):
                    wrong[table, row, metric] = (printed.value, mean)
    assert wrong == {k: (f["printed"], f["mean"]) for k, f in wrong_averages().items()}


def test_a_misprinted_average_is_replaced_and_noted():
    paper = read_paper(CONFIG / "paper/table12.csv", CONFIG / "paper/footnotes.yaml", 12)
    cell = paper.cells["r-t", "avg", "LC"]
    assert cell.value == "9.54"
    assert cell.note == "the paper prints 12.41; the mean of its row is 9.54"
    assert paper.cells["r-t", "avg", "Len"].note == ""
