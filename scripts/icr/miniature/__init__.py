"""A world small enough for a CPU: facts that are counts, in five languages, with a planted truth."""
