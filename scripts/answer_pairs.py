"""Build the preference pairs of one language and iteration from greedy answers."""

from icr.extensions import load_extensions
from icr.pairing import Answers
from icr.pairing.answers import AnswerSettings, build_from_answers
from icr.storage.files import read_table, write_json, write_parquet
from icr.storage.logs import log_to
from icr.storage.schemas.pairs import LIDR_PAIRS, LIDR_SUMMARY

log_to(snakemake.log[0])
load_extensions(snakemake.config.get("extensions", []))
source, others = snakemake.input, snakemake.params.others


def by_language(paths):
    """The tables by their other language; none if the pairing does not read them."""
    return dict(zip(others, map(read_table, paths), strict=bool(paths)))


pairs, summary = build_from_answers(
    answers=Answers(
        own=read_table(source.own),
        translations=by_language(source.translated),
        backward=by_language(source.backward),
        english=read_table(source.english[0]) if source.english else None,
    ),
    language=snakemake.wildcards.language,
    settings=AnswerSettings(**snakemake.params.settings),
)
write_json(summary, snakemake.output.summary, LIDR_SUMMARY)
write_parquet(pairs, snakemake.output.pairs, LIDR_PAIRS)
