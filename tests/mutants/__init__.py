"""Deliberate bugs in the method, each tried on the finished demo: does any check notice?"""
