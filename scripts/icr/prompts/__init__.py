"""What policies are asked: parallel prompts, benchmark questions, and their languages."""
