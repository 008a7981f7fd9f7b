"""A world for a CPU: facts that are counts, in five languages, with a planted truth."""
