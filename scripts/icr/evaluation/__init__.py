"""Evaluations: X-AlpacaEval, MT-Bench, NLP benchmarks, and reward accuracy."""
