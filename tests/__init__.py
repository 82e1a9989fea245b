"""What Koban promises, shown on real servers: PostgreSQL and Valkey run embedded, nothing is faked.

Kinds are folders: `unit` (pure), `protocol` (session logic and schemas), `integration` (against
the servers), `property`, `migration`, `faults` (real processes killed and stopped under load),
`acceptance` (one file a story), `browser` (Chromium), `repository` (rules of the repository
itself). `support` holds the fixtures, which every test sees by name.
"""
