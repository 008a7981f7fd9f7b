"""Multilingual NLP benchmarks (Tables 4 and 14), scored by lm-evaluation-harness."""
