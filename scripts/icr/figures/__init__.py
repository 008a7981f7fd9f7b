"""Figures from small metric files; each is a function of data alone."""
