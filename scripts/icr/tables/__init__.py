"""The paper's tables: one description each (config/tables.yaml), one builder."""
