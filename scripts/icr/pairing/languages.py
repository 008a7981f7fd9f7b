"""Which languages a response may be in."""

IDENTIFIED = ("bn", "de", "en", "es", "fr", "ru", "sw", "th")
"""Languages that a response may be identified as, besides the prompt's own. A fixed list, so that
a language added to a run changes nothing for the others."""
