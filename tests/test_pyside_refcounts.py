"""Qt calls leave the reference counts of None and True as they were (PYSIDE-3474)."""

from __future__ import annotations

import json
import subprocess
import sys

CALLS, EMITS = 50_000, 10_000
# Other references come and go with whatever runs; a leak would make it one for every call.
CHANCE = 500

# In a process of its own: what is tested ends in `Fatal Python error: none_dealloc`.
SCRIPT = """
import json, sys
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Bell(QObject):
    rung = Signal(int)

application = QCoreApplication([])
bell, heard = Bell(), []
bell.rung.connect(heard.append)
before = [sys.getrefcount(None), sys.getrefcount(True)]
for number in range({calls}):
    bell.blockSignals(False)
    bell.setObjectName("bell")
for number in range({emits}):
    bell.rung.emit(number)
after = [sys.getrefcount(None), sys.getrefcount(True)]
print(json.dumps([before, after, len(heard)]))
"""


def test_tens_of_thousands_of_calls_cost_no_reference() -> None:
    script = SCRIPT.format(calls=CALLS, emits=EMITS)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    before, after, heard = json.loads(done.stdout)
    assert heard == EMITS
    for count_before, count_after in zip(before, after, strict=True):
        assert abs(count_after - count_before) < CHANCE
