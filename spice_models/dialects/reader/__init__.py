"""Users' own netlists in the dialect of JoSIM and WRspice: read, run, and written as JoSIM writes results.

References
----------
J. A. Delport, K. Jackman, P. le Roux, C. J. Fourie, IEEE Trans. Appl. Supercond. 29, 1300905 (2019),
doi 10.1109/TASC.2019.2897312.
"""

from spice_models.dialects.reader.columns import Column
from spice_models.dialects.reader.commands import Tran
from spice_models.dialects.reader.deck import Deck, read
from spice_models.dialects.reader.expressions import evaluate
from spice_models.dialects.reader.running import run
from spice_models.dialects.reader.table import csv_text, write_csv, write_files

__all__ = ["Column", "Deck", "Tran", "csv_text", "evaluate", "read", "run", "write_csv", "write_files"]
