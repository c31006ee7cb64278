"""Verdict words and how they look: a kind of colour and a sign, since colour is never the only one.

Kinds are classes of the page: `use`, `care`, `stop`, `note` (nothing is claimed) and `plain` (a
finding that is neither good nor bad).
"""

SIGNS = {
    "use it": ("use", "✓"),
    "use it with care": ("care", "!"),
    "do not use it there": ("stop", "✕"),
    # a trend over size
    "improves": ("use", "↗"),
    "worsens": ("stop", "↘"),
    "flat": ("plain", "→"),
    "cannot tell": ("note", "?"),
    "grows": ("care", "↗"),
    "shrinks": ("care", "↘"),
    "changes": ("care", "≠"),
    "U-shaped": ("care", "∪"),
    "inverted U": ("care", "∩"),
    "inverse": ("stop", "↘"),
    # two models
    "better": ("use", "↗"),
    "worse": ("stop", "↘"),
    "same within margin": ("plain", "="),
    "changed": ("care", "≠"),
    # accuracy beside loss
    "metric artefact": ("care", "!"),
    "both jump": ("care", "↗"),
    "no jump": ("plain", "→"),
    "metrics disagree": ("care", "≠"),
}
