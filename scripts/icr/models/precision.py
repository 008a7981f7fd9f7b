"""Number formats in which a model may be held."""

from typing import Literal

Precision = Literal["float32", "bfloat16", "float16"]
