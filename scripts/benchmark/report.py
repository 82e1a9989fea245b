"""What the bench found: the table for people and the JSON for programs."""

from msgspec import Struct

from scripts.benchmark.database import Rate
from scripts.benchmark.sizes import IN_FLIGHT, Sizes
from scripts.benchmark.whole import HALF, HOT, Load


class InFlight(Struct, frozen=True):
    in_flight: int
    tps: float
    p50_ms: float
    p99_ms: float


class HalfLoad(Struct, frozen=True):
    rate: float
    p50_ms: float
    p99_ms: float


class Report(Struct, frozen=True):
    """The JSON."""

    tpcb_tps: float
    single_tps: float
    ledger_batch_tps: float
    gateway: list[InFlight]
    half_load: HalfLoad
    hot_shop_tps: float
    kib_per_session: float


class Findings(Struct, frozen=True):
    """Everything that was measured."""

    tpcb_tps: float
    single: Rate
    batches: Rate
    loads: list[Load]
    kib_per_session: float


def report(findings: Findings) -> Report:
    """The figures that count, rounded to what they can tell."""
    closed = [load for load in findings.loads if load.name.endswith("in flight")]
    half, hot = (next(load for load in findings.loads if load.name == name) for name in (HALF, HOT))
    return Report(
        tpcb_tps=round(findings.tpcb_tps, 1),
        single_tps=round(findings.single.tps, 1),
        ledger_batch_tps=round(findings.batches.tps, 1),
        gateway=[
            InFlight(
                load.in_flight,
                round(load.figures.tps, 1),
                round(load.figures.p50_ms, 2),
                round(load.figures.p99_ms, 2),
            )
            for load in closed
        ],
        half_load=HalfLoad(
            round(half.rate, 1), round(half.figures.p50_ms, 2), round(half.figures.p99_ms, 2)
        ),
        hot_shop_tps=round(hot.figures.tps, 1),
        kib_per_session=round(findings.kib_per_session, 1),
    )


class Floor(Struct, frozen=True):
    """What must hold, and whether it did."""

    text: str
    found: float
    held: bool


def floors(found: Report) -> list[Floor]:
    """The floors, as ratios within this run."""
    tps = {load.in_flight: load.tps for load in found.gateway}
    tpcb = found.tpcb_tps
    most, few = tps[IN_FLIGHT[-1]] / tpcb, tps[IN_FLIGHT[1]] / tpcb
    hot = found.hot_shop_tps / tps[IN_FLIGHT[-1]]
    batches = found.ledger_batch_tps / tpcb
    p99_ms, kib = found.half_load.p99_ms, found.kib_per_session
    return [
        Floor("(c) / (a) at least 8,000 / 2,600", batches, batches >= 8_000 / 2_600),
        Floor("(d) / (a) at 1,000 in flight at least 1.5", most, most >= 1.5),
        Floor("(d) / (a) at 50 in flight at least 0.8", few, few >= 0.8),
        Floor("p99 at half load at most 100 ms", p99_ms, p99_ms <= 100),
        Floor("(e) / (d) at least 0.8", hot, hot >= 0.8),
        Floor("(f) at most 40 KiB a session", kib, kib <= 40),
    ]


def table(findings: Findings, sizes: Sizes) -> str:
    """The whole run, readable."""
    found = report(findings)
    tpcb = found.tpcb_tps
    head = f"{'':34}{'tps':>9}{'× (a)':>8}{'p50 ms':>9}{'p99 ms':>9}{'worst':>9}"
    lines = [
        f"{sizes.wallets:,} wallets, {sizes.shops} shops;",
        f"medians of {sizes.rounds} × {sizes.windows} windows of {sizes.window_s} s;",
        "gw, pg, vk: processor µs per payment of gateway, Postgres, Valkey;",
        "gen: cores that the generator uses",
        "",
        head + f"{'gw':>7}{'pg':>6}{'vk':>6}{'gen':>6}",
        f"{'(a) pgbench TPC-B, 16 clients':34}{tpcb:9,.0f}{1:8.2f}",
    ]
    for name, rate in (
        ("(b) one payment a call", findings.single),
        ("(c) 200 payments a call", findings.batches),
    ):
        lines.append(f"{name:34}{rate.tps:9,.0f}{rate.tps / tpcb:8.2f}")
    for load in findings.loads:
        figures, usage, each = load.figures, load.usage, 1e6 / load.payments
        letter = "(e)" if load.name == HOT else "(d)"
        lines.append(
            f"{letter + ' ' + load.name:34}{figures.tps:9,.0f}{figures.tps / tpcb:8.2f}"
            f"{figures.p50_ms:9.1f}{figures.p99_ms:9.1f}{figures.worst_ms:9.1f}"
            f"{usage.gateway_s * each:7.0f}{usage.postgres_s * each:6.0f}"
            f"{usage.valkey_s * each:6.0f}{figures.generator_cpu:6.2f}"
        )
    lines += [f"{'(f) KiB per idle session':34}{found.kib_per_session:9.1f}", ""]
    lines += _troubles(findings)
    lines += [held(f"{floor.text}: {floor.found:.2f}", so=floor.held) for floor in floors(found)]
    return "\n".join(lines)


def held(text: str, *, so: bool) -> str:
    """A line of what must hold, and whether it did."""
    return f"{'held  ' if so else 'MISSED'} {text}"


def _troubles(findings: Findings) -> list[str]:
    """Everything that did not end as ``done``, and every fault of delivery; silence is not made."""
    lines = []
    for name, outcomes in (
        ("(b)", findings.single.outcomes),
        ("(c)", findings.batches.outcomes),
        *((load.name, load.figures.outcomes) for load in findings.loads),
    ):
        others = {outcome: count for outcome, count in outcomes.items() if outcome != "done"}
        lines.append(
            f"outcomes of {name}: {outcomes.get('done', 0):,} done {others or ''}".rstrip()
        )
    for load in findings.loads:
        figures = load.figures
        if figures.gaps or figures.repeats or figures.closed:
            lines.append(
                f"FAULT in {load.name}: {figures.gaps} gaps, {figures.repeats} repeats, "
                f"connections closed {figures.closed}"
            )
    return [*lines, ""]
