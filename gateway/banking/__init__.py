"""The banks' files (全銀): written byte for byte, and read back strictly.

`kana` makes the half-width kana of a name, `banks` knows every bank and branch, `days` the banks'
working days. `columns` is a record's place for everything, `records` the records of both kinds of
file, `files` whole files, `results` what a bank's answer says about the request that it was given.
`faults` is how all of them refuse: which record, which columns, what stands there, what may.
`requests` makes a file of a settlement's lines. None of these knows a database or a clock.

`desk` is what the console's doors and the command line (`office`, its `trials`, `lookup`) do with
them alike, on `ledger.bank_files` and `ledger.bank_results`: files are kept there, taken by a
second person, and answered by the bank.

A file is records of 120 bytes in JIS X 0201, each ended by CR LF when it is written; read are files
with CR LF, LF or nothing between the records, with or without the old end mark 0x1A. 総合振込 (kind
21) pays out, 預金口座振替 (kind 91) collects; the bank sends the latter back with a result in each
record (全国銀行協会, 全銀協標準フォーマット).
"""
