"""Tables and words about rate-coded cases and about the stochastic synapse, for the terminal."""

from __future__ import annotations

import math
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hardware.sfq.stochastic_data import NOMINAL_TEMPERATURE, StochasticData
from neurosim.cases.rate_result import AGREEMENT, Margin, RateResult

GIGA, MICRO, NANO, PICO = 1e-9, 1e6, 1e9, 1e12


def rate_tables(result: RateResult) -> list[Table]:
    """Output rates by pattern, then margins by window and by temperature."""
    return [_rates(result), _by_window(result), _by_temperature(result)]


def _rates(result: RateResult) -> Table:
    table = _table("output rate [GHz] at 4.2 K", ["pattern", "expected", *result.levels, "power [nW]"])
    window = max(result.windows)
    for pattern, wanted in result.expected.items():
        cells = []
        for level in result.levels:
            rates = result.rates(level, pattern, result.output)
            group = result.of(level, pattern)
            decided = group.counts(result.output, start=result.warm_up, window=window) / window > result.decision_rate
            text = f"{GIGA * rates.mean():.2f} ± {GIGA * rates.std(ddof=1) / math.sqrt(rates.size):.2f}"
            cells.append(Text(text, style="green" if bool((decided == bool(wanted)).all()) else "bold red"))
        power = result.power(pattern)
        table.add_row(pattern, str(wanted), *cells, "" if power is None else f"{1e9 * power:.0f}")
    return table


def _by_window(result: RateResult) -> Table:
    table = _table("margin (wrong / all) against window, 4.2 K", ["window [ns]", *result.levels])
    for window in result.windows:
        found = [_margin(result.margin(level, window)) for level in result.levels]
        table.add_row(f"{NANO * window:g}", *found)
    return table


def _by_temperature(result: RateResult) -> Table:
    window = sorted(result.windows)[len(result.windows) // 2]
    table = _table(f"margin (wrong / all) against temperature, {NANO * window:g} ns", ["[K]", *result.levels])
    for temperature in result.temperatures:
        found = [_margin(result.margin(level, window, temperature)) for level in result.levels]
        table.add_row(f"{temperature:g}", *found)
    return table


def _margin(margin: Margin) -> str:
    return f"{margin.deviations:.2f} σ ({margin.errors} / {margin.decisions})"


def rate_summary(result: RateResult) -> list[str]:
    """Say what came out."""
    window = max(result.windows)
    wrong = [level for level in result.levels if result.margin(level, window).errors]
    lines = [
        f"wrong over {NANO * window:g} ns: {', '.join(wrong)}"
        if wrong
        else f"every sample is right over {NANO * window:g} ns"
    ]
    if result.conserved is not None:
        said = "add up to the pulses that entered" if result.conserved else "DO NOT add up to the pulses that entered"
        lines.append(f"circuit of {result.junctions} junctions: pulses passed and blocked by each synapse {said}")
    if result.agreements:
        worst = max(result.agreements, key=lambda one: abs(one.z))
        verdict = "the levels agree" if result.agreement else "the levels DISAGREE"
        lines.append(
            f"{verdict}: rates of hidden and output neurons, sample by sample, differ by z = {worst.z:+.1f} at most "
            f"({worst.population}, pattern {worst.pattern}, {worst.levels[0]} {GIGA * worst.rates[0]:.2f}, "
            f"{worst.levels[1]} {GIGA * worst.rates[1]:.2f} GHz; allowed {AGREEMENT:g})"
        )
    lines.append(
        f"margin: least distance of a pattern's mean output rate from {GIGA * result.decision_rate:g} GHz, in standard "
        "deviations of the rate over the window"
    )
    return lines


def synapse_law_tables(data: StochasticData, fits: dict[str, Any]) -> list[Table]:
    """Fitted laws of the stochastic synapse against temperature and against input rate, with standard errors."""
    columns = ["I0 [µA]", "dI [µA]", "deviance / degrees"]
    warm = _table(f"p(I) at {GIGA * data.rate:g} GHz", ["temperature [K]", *columns])
    for k, temperature in enumerate(fits["temperatures"]):
        quality = f"{fits['deviances'][k]:.1f} / {fits['degrees'][k]}"
        warm.add_row(f"{temperature:g}", *_law(fits, k), quality)
    fast = _table(f"p(I) at {NOMINAL_TEMPERATURE:g} K", ["input rate [GHz]", *columns[:2]])
    for k, rate in enumerate(fits["by_rate"]["rates"]):
        fast.add_row(f"{GIGA * rate:g}", *_law(fits["by_rate"], k))
    return [warm, fast, _neuron(data)]


def _law(fits: dict[str, Any], k: int) -> tuple[str, str]:
    return (
        f"{MICRO * fits['midpoints'][k]:.2f} ± {MICRO * fits['midpoint_errors'][k]:.2f}",
        f"{MICRO * fits['gray_zones'][k]:.2f} ± {MICRO * fits['gray_zone_errors'][k]:.2f}",
    )


def _neuron(data: StochasticData) -> Table:
    neuron, law = data.neuron, data.neuron.threshold.law(NOMINAL_TEMPERATURE)
    table = _table("rate neuron", ["", ""])
    for what, value in (
        ("fires at a sum of", f"{MICRO * law.midpoint:.1f} µA"),
        ("gray zone of that at 4.2 K", f"{MICRO * law.gray_zone:.1f} µA"),
        ("a pulse adds", f"{MICRO * neuron.unit_current:.1f} µA"),
        ("and leaks with", f"{PICO * neuron.leak_time:.0f} ps"),
        ("an inhibiting pulse takes", f"{MICRO * neuron.inhibition_current:.1f} µA"),
        ("and leaks with", f"{PICO * neuron.inhibition_time:.0f} ps"),
        ("inhibition counts up to", f"{GIGA * neuron.inhibition_rate_limit:.1f} GHz"),
        ("without input it fires from", f"{MICRO * neuron.self_firing:.1f} µA"),
    ):
        table.add_row(what, value)
    return table


def _table(title: str, columns: list[str]) -> Table:
    table = Table(
        box=None, pad_edge=False, padding=(0, 1), title=escape(title), title_justify="left", title_style="bold"
    )
    for k, column in enumerate(columns):
        table.add_column(escape(column), justify="right" if k else "left")
    return table
