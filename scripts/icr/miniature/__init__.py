"""The miniature: a world of countable facts in five languages, small enough for a CPU."""
