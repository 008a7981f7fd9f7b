"""The run's report: one self-contained HTML page, and the provenance record."""
