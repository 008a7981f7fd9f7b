"""Files: written whole, resumed, downloaded, logged."""
