"""Codes that are scanned, as their standards want them; pure functions of texts.

- `merchant` reads and writes what a shop's sticker says (EMVCo MPM), on `fields`; `jpqr` finds the
  council's id in it and `sticker` writes a town's own.
- `payer` reads JPQR's payer codes and knows EMV's; `prefixes` tells whose a string of digits is.
- `marks` is the one form of everything else that identifies a shop, and `scanned` puts all of it
  together: from any text to a shop's code, a mark, or a refusal.

Whatever is not taken raises `refusal.QrRefused` with a reason, and never anything else.
"""
