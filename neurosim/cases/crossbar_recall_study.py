"""The content matrices of a hippocampal memory on crossbars: success against their properties, and closed forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from hardware.rram.device.linear import LinearCell
from hardware.rram.device.read_noise import GaussianNoise
from hardware.rram.layers.column_sums import ColumnSums
from hardware.rram.layers.crossbar_hardware import CrossbarHardware
from hardware.rram.layers.single_columns import SingleColumns
from neurosim.cases.crossbar_recall_energy import accounts, operation_energies
from neurosim.cases.crossbar_recall_memory import StoredMemory, stored_memory
from neurosim.cases.crossbar_recall_result import Point, RecallResult, Sweep
from neurosim.cases.crossbar_recall_theory import Chances, expected_success, expected_with_wires
from neurosim.models.hippocampal_cam import INDEX, STORE
from neurosim.models.hippocampal_operations import Answer

ON = 100e-6
"""Conductance of an on cell [S; chosen: 10 kohm]."""

RATIO = 100.0
"""Of on to off cells where it is not swept [chosen]."""

RATIO_SPREAD = 0.1
"""Spread of writing at which ratios are swept [chosen: without any, success is all or nothing]."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of the crossbars: what is swept."""

    ratio: float = RATIO
    spread: float = 0.0
    noise: float = 0.0
    wire: float = 0.0
    pairs: bool = False

    @property
    def hardware(self) -> CrossbarHardware:
        """Binary cells, single columns or differential pairs."""
        low = ON / self.ratio
        return CrossbarHardware(
            cell=LinearCell(minimum=low, maximum=ON),
            mapping=None if self.pairs else SingleColumns(minimum=low, maximum=ON),
            cell_bits=1,
            spread=self.spread,
            noise=GaussianNoise(sigma=self.noise) if self.noise else None,
            word_resistance=self.wire,
        )

    def expected(self, memory: StoredMemory) -> Chances:
        """Chances by the closed form."""
        if self.wire:
            weights = {
                str(p.name): np.asarray(p.weights) for p in memory.network.projections if p.name in (STORE, INDEX)
            }
            low = ON / self.ratio
            store, index = (np.where(w > w.max() / 2, ON, low) for w in (weights[STORE], weights[INDEX]))
            return expected_with_wires(memory, store, index, self.wire)
        sums = ColumnSums(ratio=self.ratio, spread=self.spread, noise=self.noise)
        return expected_success(memory, sums, pairs=self.pairs)


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """A property and its values."""

    name: str
    title: str
    values: tuple[float, ...]
    quick: tuple[float, ...]
    setting: Callable[[float], Setting] = field(repr=False)
    random: bool = True


PLANS = (
    SweepPlan(
        name="spread",
        title="spread of writing (log-normal)",
        values=(0.0, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5),
        quick=(0.0, 0.3),
        setting=lambda value: Setting(spread=value),
    ),
    SweepPlan(
        name="read_noise",
        title="noise of each read, relative",
        values=(0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
        quick=(0.0, 0.2),
        setting=lambda value: Setting(noise=value),
    ),
    SweepPlan(
        name="on_off_ratio",
        title=f"on/off ratio, single columns, {100 * RATIO_SPREAD:g} % spread",
        values=(2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0),
        quick=(3.0, 100.0),
        setting=lambda value: Setting(ratio=value, spread=RATIO_SPREAD),
    ),
    SweepPlan(
        name="on_off_ratio_pairs",
        title=f"on/off ratio, differential pairs, {100 * RATIO_SPREAD:g} % spread",
        values=(2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0),
        quick=(3.0, 100.0),
        setting=lambda value: Setting(ratio=value, spread=RATIO_SPREAD, pairs=True),
    ),
    SweepPlan(
        name="wire_resistance",
        title="resistance of a wire segment [ohm]",
        values=(1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 150.0),
        quick=(2.0, 50.0),
        setting=lambda value: Setting(wire=value),
        random=False,
    ),
)
"""What is swept; values are chosen."""

SIZES = (16, 64)
"""Cues and bits of the memories."""

ARRAYS = {16: 24, 64: 8}
"""Written arrays, or runs with new noise, a value [chosen]."""

QUICK_ARRAYS = 2

RUNS_WITH_NOISE = {16: 12, 64: 4}
"""Runs with new noise a value: reads in every step take thirty times as long [chosen]."""


def run_recall(
    name: str, *, quick: bool = False, seed: int = 0, progress: Callable[[str, float], None] | None = None
) -> RecallResult:
    """Learn, write, ask, and compare; ``progress`` is told what comes next and the part that is done."""
    report = progress or (lambda text, done: None)
    report("learning in software", 0.0)
    memories = [stored_memory(size, seed=seed) for size in SIZES]
    same, right = True, []
    for memory in memories:
        software, ideal = memory.software(), memory.on_crossbars(Setting().hardware, seed=seed)
        same &= all(
            np.array_equal(software.of(p).indices, ideal.of(p).indices)
            and np.allclose(software.of(p).times, ideal.of(p).times, atol=1e-9)
            for p in software.spikes
        )
        right += [answer.correct for some in memory.judge(software).values() for answer in some]
    work = [(plan, plan.quick if quick else plan.values) for plan in PLANS]
    total = sum(len(values) for _, values in work) * len(memories)
    sweeps, done = [], 0
    for plan, values in work:
        points: dict[tuple[int, str], list[Point]] = {}
        for memory in memories:
            for value in values:
                report(f"{plan.title}: {value:g}, {memory.size} x {memory.size}", done / total)
                setting = plan.setting(value)
                for kind, point in _measured(memory, setting, _runs(memory.size, quick, setting), seed).items():
                    points.setdefault((memory.size, kind), []).append(point)
                done += 1
        frozen = {key: tuple(found) for key, found in points.items()}
        sweeps.append(Sweep(name=plan.name, title=plan.title, values=values, points=frozen, random=plan.random))
    energies = [
        energy
        for costs in accounts()
        for memory in memories
        for energy in operation_energies(memory, Setting().hardware, costs)
    ]
    return RecallResult(
        case=name,
        sizes=SIZES,
        software=float(np.mean(right)),
        same_spikes=same,
        sweeps=tuple(sweeps),
        energies=tuple(energies),
        seed=seed,
    )


def _runs(size: int, quick: bool, setting: Setting) -> int:
    if not (setting.spread or setting.noise):
        return 1  # nothing is drawn
    if quick:
        return QUICK_ARRAYS
    return (RUNS_WITH_NOISE if setting.noise else ARRAYS)[size]


def _measured(memory: StoredMemory, setting: Setting, runs: int, seed: int) -> dict[str, Point]:
    found: dict[str, list[Answer]] = {}
    for number in range(runs):
        own = int(np.random.SeedSequence([seed, memory.size, number]).generate_state(1)[0])
        for kind, answers in memory.judge(memory.on_crossbars(setting.hardware, seed=own)).items():
            found.setdefault(kind, []).extend(answers)
    expected = setting.expected(memory)
    return {
        kind: Point(
            right=sum(answer.correct for answer in answers),
            asked=len(answers),
            errors=_element_errors(answers, memory.size),
            expected=expected[kind][0],
            expected_errors=expected[kind][1],
        )
        for kind, answers in found.items()
    }


def _element_errors(answers: Iterable[Answer], size: int) -> float:
    return float(np.mean([len(answer.got ^ answer.expected) / size for answer in answers]))
