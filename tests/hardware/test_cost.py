"""Costs: the published unit is found again, parts add up, and a user's table replaces the values it names."""

import json

import pytest

from hardware.cost import PARTS, ComponentCosts, crossbar_cost
from spice_models.errors import DescriptionError, UnknownNameError

UNIT = [(128, 128)] * 8  # arrays of one unit of the published accelerator


def cost(shapes=UNIT, **changed):
    given = {"array_power": 2.4e-3, "operations": 2 * 8 * 128**2, "dac_bits": 1, "adc_bits": 8, **changed}
    return crossbar_cost(shapes, **given)


def test_one_published_unit_has_its_published_power_and_area():
    unit = cost()
    cycle = 100e-9
    assert unit.parts["drivers"].energy / cycle == pytest.approx(4e-3)
    assert unit.parts["sample_hold"].energy / cycle == pytest.approx(10e-6)
    assert unit.parts["array"].energy / cycle == pytest.approx(2.4e-3)
    assert unit.parts["adc"].energy / (128 / 1.2e9) == pytest.approx(16e-3)
    areas = {"drivers": 170, "array": 200, "sample_hold": 40, "adc": 9600}
    assert {name: unit.parts[name].area * 1e12 for name in areas} == pytest.approx(areas)
    assert unit.time == pytest.approx(100e-9 + 128 / 1.2e9 + 1 / 1.2e9)


def test_parts_add_up_and_arrays_side_by_side_take_no_longer():
    one, eight = cost([(128, 128)], array_power=0.3e-3), cost()
    assert tuple(eight.parts) == PARTS
    assert eight.energy == pytest.approx(sum(p.energy for p in eight.parts.values()))
    assert eight.energy == pytest.approx(8 * one.energy)
    assert eight.area == pytest.approx(8 * one.area)
    assert eight.time == one.time
    both = one + one
    assert (both.energy, both.time, both.area) == pytest.approx((2 * one.energy, 2 * one.time, 2 * one.area))
    assert both.operations == 2 * one.operations


def test_bits_cost_as_stated():
    assert cost(adc_bits=10).parts["adc"].energy == pytest.approx(4 * cost().parts["adc"].energy)
    assert cost(dac_bits=3).parts["drivers"].area == pytest.approx(7 * cost().parts["drivers"].area)
    serial = cost(reads=4)
    assert serial.energy == pytest.approx(4 * cost().energy)
    assert serial.area == cost().area


def test_a_table_of_ones_own_replaces_what_it_names():
    table = ComponentCosts.from_table({"adc_energy": 1e-12, "adc_bits": 6})
    assert cost(costs=table, adc_bits=6).parts["adc"].energy == pytest.approx(1024e-12)
    assert table.driver_energy == ComponentCosts().driver_energy
    assert json.loads(json.dumps(cost(costs=table).to_dict()))["source"] == "given by the user"
    with pytest.raises(UnknownNameError, match="adc_energy"):
        ComponentCosts.from_table({"adc_enrgy": 1e-12})
    with pytest.raises(DescriptionError, match="adc_rate"):
        ComponentCosts(adc_rate=0.0)
    with pytest.raises(DescriptionError, match="at least one cell"):
        cost([])


def test_the_read_time_lies_between_those_of_the_two_sources():
    # One quotes 0.417 pJ a driver, the other a whole read of 100 ns.
    assert ComponentCosts().driver_energy == pytest.approx(0.41667e-12, rel=0.07)
    assert 100e-9 <= ComponentCosts().read_time <= 128 / ComponentCosts().adc_rate
