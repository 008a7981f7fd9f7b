"""Preference training: DPO with NLL (Eq. 11), or KTO (Eq. 16)."""
