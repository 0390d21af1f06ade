import pytest

from spice_models.circuit import Circuit, SubCircuit
from spice_models.connectivity import check_grounded, floating_nodes
from spice_models.errors import DescriptionError


def test_every_passive_element_and_voltage_source_leads_to_ground():
    circuit = Circuit("chain")
    circuit.capacitor("c", "a", "0", 1e-15)
    circuit.resistor("r", "b", "a", 1.0)
    circuit.inductor("l", "c", "b", 1e-12)
    circuit.junction("j", "d", "c", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    circuit.voltage("v", "e", "d", 1e-3)
    assert floating_nodes(circuit) == []
    check_grounded(circuit)


def test_current_sources_and_couplings_do_not_count():
    circuit = Circuit("isolated")
    circuit.inductor("l1", "a", "0", 1e-12)
    circuit.inductor("l2", "b", "c", 1e-12)
    circuit.mutual("k", "l1", "l2", 0.5)
    circuit.current("i", "0", "b", 1e-6)
    with pytest.raises(DescriptionError, match=r"nodes 'b', 'c' of circuit 'isolated' do not reach ground.*join it"):
        check_grounded(circuit)


def test_a_node_inside_an_instance_is_named_with_its_instance():
    cell = SubCircuit("cell", ("a",))
    cell.resistor("r", "a", "0", 1.0)
    cell.capacitor("c", "x", "y", 1e-15)
    circuit = Circuit("top")
    circuit.instance("first", cell, a="n")
    assert floating_nodes(circuit) == ["first.x", "first.y"]


def test_one_floating_node_is_named_in_the_singular():
    circuit = Circuit("top")
    circuit.resistor("r", "n", "0", 1.0)
    circuit.current("i", "n", "x", 1e-6)
    with pytest.raises(DescriptionError, match="node 'x' of circuit 'top' does not reach ground"):
        check_grounded(circuit)
