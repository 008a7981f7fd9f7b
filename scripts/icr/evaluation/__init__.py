"""The benchmarks: X-AlpacaEval, MT-Bench, NLP tasks, and reward accuracy."""
