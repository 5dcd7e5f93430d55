from .opening import wizard as wizard
from .reproduce_widget import ReproduceWidget as ReproduceWidget
from .reproducing import reproduce as reproduce
from .runs_widget import RunsWidget as RunsWidget
from .runs_widget import runs as runs
from .viewer import ProvenanceViewer as ProvenanceViewer
from .viewer import view as view
from .wizard_widget import Wizard as Wizard
