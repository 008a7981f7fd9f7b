"""Speed and noise on one GPU, with random weights: ``make bench-gpu``, docs/performance.md.

A part (:data:`PARTS`) is a module with ``measure(case)``, which yields rows of figures, ``COLUMNS``
and ``GOALS``. Each runs in a process of its own (:mod:`benchmarks.gpu.part`), because vLLM has an
environment of its own and needs the whole GPU.
"""

PARTS = ("scoring", "sampling", "training", "noise")
