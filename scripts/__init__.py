"""One-word scripts: each is a door to a module of this folder."""
