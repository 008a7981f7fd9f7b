"""Accuracy of a reward on the preference triples of one language."""

from icr.evaluation.rewardbench.metrics import metrics, read_weights, seen_prompts
from icr.evaluation.rewardbench.scores import implicit_rewards
from icr.models.load import check_same_vocabulary, load_tokenizer
from icr.preferences.rows import read_preferences
from icr.storage.files import read_table, write_json, write_parquet
from icr.storage.logs import log_to
from icr.storage.schemas.preferences import ACCURACY, TRIPLES

log_to(snakemake.log[0])
source, output = snakemake.input, snakemake.output
scores = [read_table(file) for file in source.scores]
if len(scores) == 2:
    tokenizers = [load_tokenizer(folder) for folder in source.models]
    check_same_vocabulary(*tokenizers, names=tuple(source.models))
    rewards = implicit_rewards(*scores, beta=snakemake.params.beta)
else:
    rewards = scores[0]
triples = read_preferences(source.triples)
rewards = triples[["id", "subset"]].merge(rewards, on="id", validate="one_to_one")
weights = read_weights(source.weights[0]) if source.weights else None
result = metrics(rewards, weights)
trained_on = [read_preferences(file) for file in source.trained_on]
result["seen_prompts"] = seen_prompts(triples, trained_on)
write_parquet(rewards, output.triples, TRIPLES)
write_json(result, output.metrics, ACCURACY)
print(f"right in {result['accuracy']:.1%} of {result['triples']} triples, {result['ties']} ties")
if result["seen_prompts"]:
    print(f"WARNING: {result['seen_prompts']} triples have the conversation of a training pair")
