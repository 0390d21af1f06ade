"""What makes no sense is refused by every class of crossbars with one of the toolkit's own errors, never a raw one."""

import numpy as np
import pytest

from hardware.cost import ComponentCosts, crossbar_cost
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.device import (
    VTEAM,
    CellArray,
    DielectricBreakdown,
    DifferentialGaussian,
    Endurance,
    Faults,
    Filament,
    FlickerNoise,
    GaussianNoise,
    Histogram,
    LinearCell,
    PowerLawDrift,
    SeriesCell,
    TelegraphNoise,
    Yakopcic,
    drive,
)
from hardware.rram.layers.compensation import compensate
from hardware.rram.layers.converters import ADC, DAC
from hardware.rram.layers.layer import CrossbarLayer
from hardware.rram.layers.weights import BitSlices, DifferentialPairs, OffsetColumn
from hardware.rram.writing.programming import PulseScheme, write_verify
from spice_models.errors import DescriptionError, NeurofluxonError

G = np.full((3, 3), 1e-5)
WEIGHTS = np.arange(12.0).reshape(4, 3)
RNG = np.random.default_rng(0)
PULSES = {"set_start": 0.6, "reset_start": 0.6, "increment": 0.02, "largest": 1.0, "width": 4e-9}


def cells(**options):
    return CellArray(LinearCell(), (3, 3), RNG, **options)


def layer(**options):
    return CrossbarLayer(WEIGHTS, **options)


def write(**options):
    return write_verify(cells(), G, **{"tolerance": 1e-6, "scheme": PulseScheme(**PULSES), **options})


def window(kind, **options):
    return kind(**{"minimum": 1e-6, "maximum": 1e-4, **options})


def cost(**options):
    return crossbar_cost([(3, 3)], **{"array_power": 1e-3, "operations": 18, "adc_bits": 8, **options})


def compensated(**options):
    return compensate(Crossbar(G), **{"bounds": (0, 1e-4), **options})


WRONG = [
    *[(lambda v=v: window(BitSlices, bits=v)) for v in (7.5, "8", True, None, 25)],
    *[(lambda v=v: window(DifferentialPairs, minimum=v)) for v in ("a", None, -1, 1, np.nan)],
    *[(lambda v=v: window(OffsetColumn).encode(v)) for v in ("abc", None, [[1, 2], [3]], [1.0], [[1j]])],
    *[(lambda v=v: layer(tile=v)) for v in ((2.5, 3), 8, "88", (8,), None, (0, 1))],
    *[(lambda v=v: layer(compensation=v)) for v in (True, "none", 3)],
    *[(lambda v=v: layer(cell_bits=v)) for v in (4.5, "5", 0)],
    *[(lambda v=v: layer(spread=v)) for v in ("5%", None, -0.1)],
    *[(lambda v=v: layer(word_resistance=v)) for v in ("2", [1, 2], None, -1.0, np.inf)],
    *[(lambda v=v: layer(mapping=v)) for v in ("pairs", DifferentialPairs, 3)],
    *[(lambda v=v: layer(calibration=v)) for v in ("x", WEIGHTS.T[:, :2], np.empty((0, 4)))],
    *[(lambda v=v: layer(seed=v)) for v in ("a", -1, None, 0.5)],
    *[(lambda k=k, v=v: layer(**{k: v})) for k, v in {"faults": 0.1, "noise": 0.02, "dac": 8, "adc": 8}.items()],
    *[(lambda k=k, v=v: layer(**{k: v})) for k, v in {"cell": "x", "order_rows": "yes", "wires": 2, "bias": 3}.items()],
    *[(lambda v=v: layer(input_range=v)) for v in (1, "01", (1, 0), (0.5, 1))],
    *[(lambda v=v: layer()(v)) for v in ("x", None, [[1, 2]])],
    *[(lambda v=v: layer().rewritten(v)) for v in (3, lambda t: "x", lambda t: t[:1], lambda t: -t)],
    lambda: layer().cost(dac_bits=2.5, adc_bits=8),
    lambda: layer().cost(dac_bits=8, adc_bits=8, costs={"adc_energy": 1.0}),
    lambda: layer(cell=VTEAM()),  # read at 0.1 V, above its threshold of 0.02 V
    *[(lambda v=v: DAC(bits=v)) for v in (8.5, "8", True)],
    *[(lambda v=v: ADC(bits=8, limits=v)) for v in (3, ("a", 1), (1, 0), "01")],
    lambda: ADC(bits=8, limits=(0, 1)).convert("x"),
    *[(lambda k=k, v=v: VTEAM(**{k: v})) for k, v in {"k_on": None, "on_threshold": 0.1, "biolek": 1.5}.items()],
    *[(lambda v=v: VTEAM(on_resistance=v)) for v in ("x", -5, 1e4, np.nan)],
    *[(lambda k=k, v=v: Yakopcic(**{k: v})) for k, v in {"polarity": 2, "floor": 2, "b": "x"}.items()],
    *[(lambda k=k, v=v: Filament(**{k: v})) for k, v in {"largest_gap": 0, "velocity": [1, "x"]}.items()],
    *[(lambda k=k, v=v: LinearCell(**{k: v})) for k, v in {"minimum": -1, "maximum": 1e-7, "threshold": 0}.items()],
    lambda: SeriesCell(cell=3, resistance=1.0),
    lambda: SeriesCell(cell=LinearCell(), resistance="x"),
    *[(lambda a=a: LinearCell().spread(*a, maximum=0.1)) for a in (("x", RNG), (2, RNG), ((2, 2), 3))],
    *[(lambda a=a: LinearCell().advance(*a)) for a in (("x", 0, 1), (1, "x", 1), (1, 0, "x"), ([1, 2], [0, 0, 0], 1))],
    lambda: LinearCell().conductance(0.5, 0.0),
    *[(lambda s=s: CellArray(LinearCell(), s, RNG)) for s in ((2,), 2, (2, 2.5))],
    *[(lambda k=k, v=v: cells(**{k: v})) for k, v in {"state": 2, "cycle_spread": "x", "read_noise": 0.1}.items()],
    *[(lambda k=k, v=v: cells(**{k: v})) for k, v in {"drift": 0.1, "endurance": 1e6, "faults": 0.1}.items()],
    *[(lambda a=a: cells().pulse(*a)) for a in (("x", 1), ([1, 2], 1), (1, "x"))],
    *[(lambda v=v: cells().wait(v)) for v in ("x", -1.0)],
    *[(lambda v=v: drive(LinearCell(), v, 1e-9)) for v in ("x", [1.0], [[1.0, 2.0]])],
    *[(lambda v=v: GaussianNoise(sigma=v)) for v in ("x", None, -1)],
    lambda: TelegraphNoise(amplitude=0.1, capture="x", emission=1),
    lambda: FlickerNoise(sigma=0.1, low=1, high=10, per_decade=1.5),
    lambda: PowerLawDrift(exponent="x"),
    lambda: Endurance(cycles="x"),
    lambda: Faults(stuck_low=0.6, stuck_high=0.6),
    *[(lambda a=a: Histogram(*a)) for a in (("x", [1]), ([0, 1], "x"), ([1, 0], [1]))],
    *[(lambda v=v: Histogram.of(v)) for v in ("x", [], [np.nan])],
    lambda: DielectricBreakdown(mean=1.0),
    lambda: DifferentialGaussian(deviation=-1),
    *[
        (lambda k=k, v=v: PulseScheme(**{**PULSES, k: v}))
        for k, v in {"width": "x", "parts": 1.5, "largest": 0.1}.items()
    ],
    *[(lambda v=v: write(access=v)) for v in (3, "hlf")],
    *[(lambda k=k, v=v: write(**{k: v})) for k, v in {"tolerance": "x", "scheme": 3, "most_pulses": 1.5}.items()],
    *[(lambda k=k, v=v: write(**{k: v})) for k, v in {"passes": None, "read_voltage": 0.9, "progress": "yes"}.items()],
    *[(lambda v=v: compensated(bounds=v)) for v in (1, ("a", 1), (1, 0))],
    *[(lambda k=k, v=v: compensated(**{k: v})) for k, v in {"method": True, "inputs": "x", "decode": "x"}.items()],
    *[(lambda v=v: ComponentCosts.from_table(v)) for v in (3, {3: 1}, {"adc_energy": None}, {"adc_bits": 8.5})],
    *[(lambda k=k, v=v: cost(**{k: v})) for k, v in {"adc_bits": "8", "array_power": None, "costs": {}}.items()],
    *[(lambda v=v: crossbar_cost(v, array_power=1.0, operations=1, adc_bits=8)) for v in (3, [3], [])],
]


def test_odd_arguments_are_refused_with_a_sentence():
    assert len(WRONG) > 120
    for number, wrong in enumerate(WRONG):
        with pytest.raises(NeurofluxonError) as found:
            wrong()
        assert len(str(found.value)) > 20, number


def test_what_is_as_good_is_taken():
    assert window(BitSlices, bits=np.int64(6), bits_per_cell=2.0).encode([[1, -2]]).conductance.shape == (1, 12)
    assert layer(tile=[2, 2], cell_bits=np.int32(4), word_resistance=np.float32(1)).hardware.tile == (2, 2)
    assert layer()([1, 0, 0, 0]).shape == (3,)


def test_an_error_says_what_was_given_and_what_would_do():
    with pytest.raises(DescriptionError, match=r"bits of BitSlices must be a whole number from 1 to 24, got 7\.5"):
        window(BitSlices, bits=7.5)
    with pytest.raises(DescriptionError, match=r"bit lines of a tile must be a whole number of 1 or more, got '3'"):
        layer(tile=(2, "3"))
    with pytest.raises(DescriptionError, match=r"dac must be a converter, DAC\(bits=8\), got 8"):
        layer(dac=8)
