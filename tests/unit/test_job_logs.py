"""What a job's log restores and receives."""

import subprocess
import sys

SCRIPT = """
import gc, sys
standard = gc.get_threshold()
from icr.storage.logs import log_to
during_imports = gc.get_threshold()
log_to(sys.argv[1])
print(during_imports[0] > standard[0], gc.get_threshold() == standard)
"""


def test_garbage_is_collected_as_usual_once_a_script_has_imported_what_it_needs(tmp_path):
    log = tmp_path / "logs/job.log"
    subprocess.run([sys.executable, "-c", SCRIPT, str(log)], check=True)
    assert log.read_text() == "True True\n"
