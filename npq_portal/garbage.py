"""How often Python looks for garbage."""

import gc


def collect_less_often() -> None:
    """Look for garbage after 100,000 objects instead of 700, and never among those there are now.

    Reference counts free nearly everything here. A page, or a file, of thousands of records would
    be walked through again and again while it is made.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
