"""What goes over the wire, and the rules of a session, without any wire.

`messages` are the websocket's frames, `api` the bodies over HTTP, `payloads` what their ready-made
JSON holds; `session` is the state machine of one session and `closing` its close codes. Terminals
and load generators may import `messages`, `api`, `payloads`, `ids` and `closing`; nothing here does
input or output or reads a clock, save `ids`, which makes a screen's ids.
"""
