"""Handwritten digits through a classifier of two layers on resistive crossbars: what each imperfection costs."""

from neurosim.cases.study_case import StudyCase

CASE = StudyCase(
    name="crossbar-readout",
    summary="digits through two layers on resistive crossbars: wires, bits, spread, stuck cells, compensation",
    study="neurosim.cases.readout_study:run_readout",
    report="neurosim.reports.readout",
)
