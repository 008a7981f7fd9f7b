"""The rehearsal: the paper's configuration on a CPU, with stand-ins for its downloads."""
