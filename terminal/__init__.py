"""What people hold: the wallet, the shop's tablet, the console, and a client without a face.

The screens are TypeScript in ``web/`` (their message types are generated from the gateway's own
structs); `terminal.client` speaks the same protocol from Python, for tests and programs.

A terminal knows the protocol's messages and nothing else of the house. What it promises:

* it makes every command's id and keeps it until the answer is final; it sends it again under the
  same id, never under a new one, while the outcome is unknown;
* it hands each event of its feed out once and in order, over any number of connections;
* it says ``shown`` only of what a person could see.

One event loop; nothing here blocks or uses threads.
"""
