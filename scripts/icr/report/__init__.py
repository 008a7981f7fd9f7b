"""The run's report: one page that a colleague opens without a server."""
