"""The paper's tables, built from their descriptions in config/tables.yaml."""
