"""The explorer: laws, fits and runs as a page that computes in the browser.

| module | holds |
|---|---|
| `entry`, `bundle`, `javascript`, `page` | laws as documents and functions, and the page |
| `shrink`, `widget` | the page in one file, and in a notebook |
| `presets`, `registry_part`, `formula`, `*_part` | what a view needs besides laws |
| `arguments` | what the arguments of `isoloss explore` are: fits, laws, tables, answers |
| `keep` | the folder where a server keeps its token, port, tables and fits |
| `tables`, `formats`, `request`, `shown` | runs, a fit that is asked for, what is shown |
| `jobs`, `process`, `worker` | fits in processes of their own, kept over a restart |
| `security`, `bodies` | who may ask, and how much |
| `site`, `server`, `serve` | what is given, at which addresses, and a server that runs |
"""

from isoloss.explore.bundle import Bundle, make_bundle
from isoloss.explore.page import single_page
from isoloss.explore.widget import explore

__all__ = ["Bundle", "explore", "make_bundle", "single_page"]
