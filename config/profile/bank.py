"""The town's own account, from which its shops are paid and into which is collected from them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

ClientCode = Annotated[str, Meta(pattern=r"^[0-9]{10}$")]


class BankSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What the header of a bank file says (全銀), as the town's bank has given it.

    ``transfer_client`` and ``collection_client``: its client codes (委託者コード) for 総合振込 and
    預金口座振替. ``client_name``: in half-width kana. ``account_type``: 1 ordinary (普通), 2
    current (当座), 9 other. ``transfer_class``: column 112 of a transfer (振込区分); several banks
    want 0.
    """

    transfer_client: ClientCode
    collection_client: ClientCode
    client_name: Annotated[str, Meta(pattern=r"^[ｱ-ﾟA-Z0-9().-][ｱ-ﾟA-Z0-9 ().-]{0,39}$")]
    bank_code: Annotated[str, Meta(pattern=r"^[0-9]{4}$")]
    branch_code: Annotated[str, Meta(pattern=r"^[0-9]{3}$")]
    account_type: Literal["1", "2", "9"]
    account_number: Annotated[str, Meta(pattern=r"^[0-9]{7}$")]
    transfer_class: Literal["7", "0"] = "7"
