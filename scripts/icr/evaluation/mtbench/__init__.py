"""Multilingual MT-Bench: two-turn questions, graded answer by answer (Zheng et al., 2023)."""
