"""What goes over the wire, and the rules of a session, without any wire.

`messages` are the websocket's frames, `troubles` the error codes that are not the ledger's, `api`
the bodies over HTTP, and `payloads` what their ready-made JSON holds; `session` is the state
machine of one session and `closing` its close codes. Terminals and load generators may import all
but `session`; nothing here does input or output or reads a clock, save `ids`, which makes a
screen's ids.
"""
