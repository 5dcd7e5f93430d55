from .comparison import RunComparison as RunComparison
from .comparison import compare_runs as compare_runs
