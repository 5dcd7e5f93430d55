from .facts import RunFacts as RunFacts
from .query import Query as Query
from .scanning import Refreshed as Refreshed
from .store import RunStore as RunStore
