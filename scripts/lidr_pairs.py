"""Build the LIDR pairs of one language of one iteration."""

from icr.pairing.lidr import Answers, LidrSettings, lidr_pairs
from icr.storage.files import read_table, write_json, write_parquet
from icr.storage.logs import log_to
from icr.storage.schemas.pairs import LIDR_PAIRS, LIDR_SUMMARY

log_to(snakemake.log[0])
source, others = snakemake.input, snakemake.params.others


def by_language(paths):
    """The tables that there are, by the other language."""
    return dict(zip(others, map(read_table, paths), strict=bool(paths)))


pairs, summary = lidr_pairs(
    answers=Answers(
        own=read_table(source.own),
        translations=by_language(source.translated),
        backward=by_language(source.backward),
        english=read_table(source.english[0]) if source.english else None,
    ),
    language=snakemake.wildcards.language,
    settings=LidrSettings(**snakemake.params.settings),
)
write_json(summary, snakemake.output.summary, LIDR_SUMMARY)
write_parquet(pairs, snakemake.output.pairs, LIDR_PAIRS)
