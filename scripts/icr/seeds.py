"""Seeds that depend on what is drawn, not on how the work is divided."""

import hashlib


def seed_of(*parts: object) -> int:
    """A 63-bit seed derived from the parts: ``seed_of(run_seed, policy, language, prompt_id)``.

    The same parts give the same seed on every machine and in every process.
    """
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
