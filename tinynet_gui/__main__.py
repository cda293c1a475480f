"""``python -m tinynet_gui``."""

import sys

from tinynet_gui.app import main

sys.exit(main())
