"""Resistive cells: conduction, switching, spread, noise and wear."""

from hardware.rram.device.ageing import Endurance, PowerLawDrift
from hardware.rram.device.array import CellArray, Faults
from hardware.rram.device.cell import CellModel
from hardware.rram.device.distributions import DielectricBreakdown, DifferentialGaussian, Histogram
from hardware.rram.device.drive import drive
from hardware.rram.device.filament import Filament
from hardware.rram.device.law import CellLawAt
from hardware.rram.device.linear import LinearCell
from hardware.rram.device.read_noise import FlickerNoise, GaussianNoise, TelegraphNoise
from hardware.rram.device.series import SeriesCell
from hardware.rram.device.vteam import VTEAM
from hardware.rram.device.yakopcic import Yakopcic

__all__ = [
    "VTEAM",
    "CellArray",
    "CellLawAt",
    "CellModel",
    "DielectricBreakdown",
    "DifferentialGaussian",
    "Endurance",
    "Faults",
    "Filament",
    "FlickerNoise",
    "GaussianNoise",
    "Histogram",
    "LinearCell",
    "PowerLawDrift",
    "SeriesCell",
    "TelegraphNoise",
    "Yakopcic",
    "drive",
]
