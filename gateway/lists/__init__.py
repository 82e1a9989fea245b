"""Lists (CSV) of whom to grant how much: read strictly, looked at whole, and told by line.

`encoding` makes text of the bytes, `reader` rows of the text, `amounts` yen of a cell; `problems`
has every reason why not, in Japanese and English. None of them knows a database. `checking` brings
a read list together with the town's people and its activity: that is the dry run, which `checked`
runs keep (`ledger.grants`) until somebody approves them.

A fault of the file itself (its encoding, its header, its length) refuses the whole list, and
nothing of it is kept. A fault of a line refuses that line: the others can be granted, and whoever
approves is told how many and which are left out.
"""
