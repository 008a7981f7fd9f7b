"""Translating English prompts where nobody has published parallel ones."""
