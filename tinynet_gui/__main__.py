"""``python -m tinynet_gui``."""

import sys

from tinynet_gui.app.application import main

sys.exit(main())
