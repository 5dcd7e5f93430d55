"""How the packages and the hardware of this machine differ from those of a recorded run."""

from __future__ import annotations

from mlprov_widgets.capture.environment import commands, machine
from mlprov_widgets.capture.packages import installed_distributions
from mlprov_widgets.comparison.differences import Difference, find_differences
from mlprov_widgets.comparison.distributions import distribution_name
from mlprov_widgets.comparison.outcome import Outcome
from mlprov_widgets.record import Record

# What the notebook itself sets when it runs says nothing about the machine.
_SET_BY_THE_RUN = {
    "seeded",
    "deterministic_algorithms",
    "deterministic_warn_only",
    "cudnn_deterministic",
    "cudnn_benchmark",
    "nondeterministic_operations",
    "CUBLAS_WORKSPACE_CONFIG",
    "thread_pools",
    "hash_randomization",
    "PYTHONHASHSEED",
}


def differences_today(record: Record) -> list[Difference]:
    """What is not as it was, of what the record has; the most important first.

    Parameters
    ----------
    record : Record

    Returns
    -------
    list of Difference
        ``new`` is what is here, None where a package is missing; ``original`` is what was there.
        Settings of a library are compared only if it is loaded: nothing is imported for it.
    """
    gpus, processor = commands.ask_gpus(), commands.ask_processor()
    then = Outcome.from_record(record)
    hardware, settings = machine.hardware(gpus, processor), machine.settings(gpus)
    packages = {distribution_name(name): version for name, version in then.packages.items()}
    here: dict[str, str] = {}
    for distribution in installed_distributions():
        here.setdefault(distribution.name, distribution.version)
    missing = [
        Difference("package", name, None, version)
        for name, version in sorted(packages.items())
        if name not in here
    ]
    shared = settings.keys() & then.environment.keys() - _SET_BY_THE_RUN
    known = then.hardware_info.keys() & hardware.keys()
    today = Outcome(
        environment={name: settings[name].value for name in shared},
        packages={name: here[name] for name in packages if name in here},
        hardware_info={name: hardware[name].value for name in known},
    )
    before = Outcome(
        environment={name: then.environment[name] for name in shared},
        packages=packages,
        hardware_info={name: then.hardware_info[name] for name in known},
    )
    found = find_differences(today, before)
    told = {difference.name for difference in found}
    return found + [difference for difference in missing if difference.name not in told]
