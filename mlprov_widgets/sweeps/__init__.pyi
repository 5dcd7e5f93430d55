from .result import SweepResult as SweepResult
from .running import repeat as repeat
from .running import sweep as sweep
