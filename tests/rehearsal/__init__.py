"""The rehearsal: the paper's own configuration on a CPU, with stand-ins for what it downloads."""
