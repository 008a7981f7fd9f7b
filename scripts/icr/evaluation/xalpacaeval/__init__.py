"""X-AlpacaEval: pairwise win rates against reference answers (Section 5.1)."""
