"""What ranks responses: implicit rewards, and those of a reward model."""
