"""How the commands show that they are getting on."""

from tqdm import tqdm


def declarations_bar() -> "tqdm[None]":
    """Return a bar that counts declarations on a terminal; without a terminal there is none."""
    return tqdm(unit=" declarations", disable=None, leave=False)
