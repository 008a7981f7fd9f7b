"""File input and output: atomic writes, resumable work, downloads, stored verdicts, logs."""
