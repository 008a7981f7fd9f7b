"""Deliberate bugs in the method, each planted in the finished demo, and the checks that find it."""
