"""Candidates of language identification."""

IDENTIFIED = ("bn", "de", "en", "es", "fr", "ru", "sw", "th")
"""Languages that a response may be identified as, in addition to the prompt's own. The list is
fixed, so that adding a language to a run changes nothing for the others."""
