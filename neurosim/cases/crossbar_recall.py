"""The hippocampal memory with its content matrices on resistive crossbars: how often it still answers right."""

from neurosim.cases.study_case import StudyCase

CASE = StudyCase(
    name="cam-crossbar",
    summary="the hippocampal memory on resistive crossbars: spread, noise, on/off ratio, wires, energy",
    study="neurosim.cases.crossbar_recall_study:run_recall",
    report="neurosim.reports.recall",
)
