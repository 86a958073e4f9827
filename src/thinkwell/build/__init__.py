"""The composition root: settings -> a running site. The only place that picks implementations.

``model.py`` finds the model and its engines, ``line.py`` the line and its rules, ``site.py`` joins all.
"""

from thinkwell.build.embedded import engine_threads
from thinkwell.build.model import Model, prepare_model
from thinkwell.build.site import new_id, open_site

__all__ = ["Model", "engine_threads", "new_id", "open_site", "prepare_model"]
