"""Preference training on pairs, by a loss of :mod:`icr.training.losses`."""
