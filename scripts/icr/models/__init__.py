"""Model folders: fetching, checking, loading; chat templates and turn-end tokens."""
