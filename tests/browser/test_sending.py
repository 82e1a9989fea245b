"""Value between people, on the screens of both ends and at the console."""

import pytest
from playwright.async_api import expect

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Give, Send
from ledger import accounts
from terminal.client import Command, receipt_of
from tests.browser.glass import Wallet
from tests.browser.stage import Stage
from tests.support.people import PIN, now

pytestmark = pytest.mark.browser


async def carry_out(stage: Stage, wallet: Wallet, command: Command) -> None:
    """A command of this wallet's, as a program gives it."""
    assert wallet.screen is not None
    async with wallet.screen.client(stage.gateway) as program:
        receipt = receipt_of(await program.command(command))
    assert receipt is not None
    assert receipt.outcome == "done", receipt


async def test_both_ends_see_and_hear_what_was_sent(stage: Stage) -> None:
    """One is told that it went, the other that it came, each with the right sign in the history."""
    sender, recipient, console = await stage.wallet(), await stage.wallet(0), await stage.console()
    assert recipient.screen is not None
    await carry_out(stage, sender, Send(new_id(), recipient.screen.account, 1_200, PIN))
    for wallet, title, line in (
        (sender, "送りました", "−1,200円"),
        (recipient, "受け取りました", "+1,200円"),
    ):
        await wallet.shows("result-amount", 1_200)
        await expect(wallet.see("result").locator("h1")).to_have_text(title)
        await wallet.hears("paid")
        await wallet.close_result()
        await expect(wallet.see("history-line").first).to_contain_text(line)
    await recipient.shows("balance", 1_200)
    await expect(console.see("tail-rows").get_by_text("送る").first).to_be_visible()


async def test_a_gift_names_the_group(stage: Stage) -> None:
    """As the history does."""
    people = stage.people
    group = await accounts.open_group(people.pool, people.town, "里山を守る会", now())
    wallet = await stage.wallet()
    await carry_out(stage, wallet, Give(new_id(), group, 300, PIN))
    await wallet.shows("result-amount", 300)
    await expect(wallet.see("result").locator("h1")).to_have_text("寄付しました")
    await expect(wallet.see("result-shop")).to_have_text("里山を守る会")
    await wallet.close_result()
    await expect(wallet.see("history-line").first).to_contain_text("里山を守る会")
    await expect(wallet.see("history-line").first).to_contain_text("寄付")
