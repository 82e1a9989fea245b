"""The bench's generator: thousands of screens in one process of its own, as cheaply as Python can.

It is told what to do by lines of JSON on its standard input and answers with lines of JSON, so that
whoever measures (``scripts/bench``) can look at the gateway's memory and processor time meanwhile.
Frames are encoded ahead, incoming frames are looked at with slices rather than decoded, and the
generator's own use of the processor is part of every answer: it must be seen not to be what is
measured.

A payment counts when both have come: ``result`` at the payer and ``event`` at the shop's tablet.
Every payment ends in exactly one way (done, refused, failed, unanswered), and those are counted, as
are gaps, repeats and closed connections. Screens acknowledge what they showed as real ones do, at
most every 50 ms.
"""
