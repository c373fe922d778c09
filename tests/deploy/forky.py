"""Where newer Debian programs are, if somebody made a root with them: Mosquitto 2.1, docker compose 2.

debootstrap --variant=minbase --include=mosquitto,docker-compose forky ~/.cache/noroshi/forky MIRROR .../scripts/sid
"""

import os
from pathlib import Path

FORKY = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "noroshi/forky"
