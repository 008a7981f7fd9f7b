"""Preference pairs: the best against the worst with a length penalty, LIDR, English pairs."""
