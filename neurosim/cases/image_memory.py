"""Handwritten digits in the hippocampal memory: recalled from cues, from fragments, and from corrupted images."""

from neurosim.cases.study_case import StudyCase

CASE = StudyCase(
    name="image-memory",
    summary="digits in the hippocampal memory, recalled from cues, fragments and corrupted images",
    study="neurosim.cases.image_memory_study:run_images",
    report="neurosim.reports.images",
)
