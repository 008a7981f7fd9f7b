"""Parallel prompts, their languages, and language identification."""
