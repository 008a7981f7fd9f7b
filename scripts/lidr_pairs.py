"""Build the LIDR pairs of one language of one iteration."""

from icr.files import read_table, write_json, write_parquet
from icr.lidr import LidrSettings, lidr_pairs
from icr.logs import log_to

log_to(snakemake.log[0])
source, others = snakemake.input, snakemake.params.others
translated = zip(others, source.translated, strict=True)
pairs, summary = lidr_pairs(
    own=read_table(source.own),
    translations={other: read_table(path) for other, path in translated},
    language=snakemake.wildcards.language,
    settings=LidrSettings(**snakemake.params.settings),
)
write_json(summary, snakemake.output.summary)
write_parquet(pairs, snakemake.output.pairs)
