"""``python -m gateway.acquirers``: see `gateway.acquirers.office`."""

import sys

from gateway.acquirers.office import main

sys.exit(main())
