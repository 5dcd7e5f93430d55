from .repeating import repeat as repeat
from .result import SweepResult as SweepResult
from .running import sweep as sweep
