"""Translation of English prompts into other languages, and of responses by a policy itself."""
