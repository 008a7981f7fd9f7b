"""X-AlpacaEval: pairwise win rates over a reference's answers (Section 5.1)."""
