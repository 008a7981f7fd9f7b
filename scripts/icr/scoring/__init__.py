"""Log-probabilities of recorded responses under one model."""
