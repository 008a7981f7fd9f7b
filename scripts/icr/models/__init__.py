"""Model folders: fetching, checking and loading them, chat templates, and what ends a turn."""
