"""Many corrections at once: a file that is read, checked, confirmed and carried out (rules 14.16).

``kinds`` says what files can hold, ``reading`` reads them, ``checking`` previews their rows,
``running`` carries them out, and ``services`` is what the pages call.
"""
