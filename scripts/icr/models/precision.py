"""Floating-point formats of a model."""

from typing import Literal

Precision = Literal["float32", "bfloat16", "float16"]
