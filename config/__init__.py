"""What a town is and how a process is set up.

`config.profile` reads a town (limits, ways, instruments, grants) from `config/towns/*.toml`;
`config.settings` reads a process's settings from the environment. Both are read once, checked
whole, and passed on as frozen values. Imports nothing of ours.
"""
