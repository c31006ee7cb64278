"""What a law is: a formula with named variables, parameters, bounds and sources."""

from isoloss.law.find import find_law, forms, from_formula
from isoloss.law.law import Index, Law, Parameter, Source, Variable
from isoloss.law.published import Published, published_laws

__all__ = [
    "Index",
    "Law",
    "Parameter",
    "Published",
    "Source",
    "Variable",
    "find_law",
    "forms",
    "from_formula",
    "published_laws",
]
