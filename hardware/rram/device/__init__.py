"""Resistive cells: conduction, switching, spread, noise and wear."""

from hardware.rram.device.cell import CellModel
from hardware.rram.device.filament import Filament
from hardware.rram.device.linear import LinearCell
from hardware.rram.device.vteam import VTEAM
from hardware.rram.device.yakopcic import Yakopcic

__all__ = ["VTEAM", "CellModel", "Filament", "LinearCell", "Yakopcic"]
