"""The machine and the settings on which exact re-runs depend, and which function told them."""

from __future__ import annotations

import os
import platform
import sys
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from mlprov_widgets._files import asset_table
from mlprov_widgets.capture.environment.commands import Command, read_gpus
from mlprov_widgets.capture.packages import installed_distributions
from mlprov_widgets.capture.values import loaded, numpy, plain, torch
from mlprov_widgets.record import Value

_DECLARED = asset_table("capture/environment/settings.toml")
_SETTING_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789:,_")


class Fact(NamedTuple):
    """What is known of the surroundings of a run.

    Parameters
    ----------
    value : Value
    function : str
        What told it, as one would call it; empty where nothing had to be asked.
    """

    value: Value
    function: str = ""


Facts = dict[str, Fact]


def hardware(gpus: Command, processor: Command) -> Facts:
    """CPU, RAM (GiB), GPUs and operating system.

    Parameters
    ----------
    gpus, processor : Command
        Asked when the run began.
    """
    import psutil

    memory = psutil.virtual_memory().total
    return {
        "CPU": _cpu(processor),
        "CPU_cores": Fact(os.cpu_count(), "os.cpu_count"),
        "GPUs": _gpus(gpus),
        "RAM": Fact(f"{memory / 2**30:.1f} GiB", "psutil.virtual_memory"),
        "Operating_System": _operating_system(),
    }


def settings(gpus: Command) -> Facts:
    """Versions, thread counts and switches that decide whether a re-run is exact.

    Parameters
    ----------
    gpus : Command
        Asked when the run began.
    """
    facts = {
        "python": platform_fact("python_version"),
        "python_implementation": platform_fact("python_implementation"),
        "machine": platform_fact("machine"),
        "hash_randomization": Fact(bool(sys.flags.hash_randomization), "sys.flags"),
    }
    for name in _DECLARED["variables"]:
        value = os.environ.get(name, "")
        # Anything but numbers and short words is not what these variables are for.
        if value and len(value) <= 40 and _SETTING_CHARACTERS.issuperset(value.lower()):
            facts[name] = Fact(value, "os.environ.get")
    for name, fact in (_numpy() | _thread_pools() | _torch()).items():
        if fact.value not in (None, ""):
            facts[name] = Fact(plain(fact.value), fact.function)
    driver = read_gpus(gpus.answer())[1]
    if driver:
        facts["nvidia_driver"] = Fact(driver, "nvidia-smi")
    return facts


def platform_fact(name: str) -> Fact:
    """What a function of `platform` says."""
    return Fact(getattr(platform, name)(), f"platform.{name}")


def kernel_name(notebook_kernel: str) -> Fact:
    """The kernel that runs, from its connection file; else the one that the notebook asks for."""
    application = loaded("ipykernel.kernelapp")
    if application is not None and application.IPKernelApp.initialized():
        import json

        try:
            file = Path(application.IPKernelApp.instance().abs_connection_file)
            name = json.loads(file.read_text(encoding="utf-8")).get("kernel_name")
        except (OSError, ValueError, AttributeError):
            name = ""
        if name:
            return Fact(str(name), "ipykernel.kernelapp.IPKernelApp.instance")
    if notebook_kernel:
        return Fact(notebook_kernel, "json.loads")
    return Fact("ipython" if application else "none", "IPython.get_ipython")


def _cpu(processor: Command) -> Fact:
    if name := processor.answer().strip():
        return Fact(name, "sysctl")
    if sys.platform == "win32":
        import winreg

        try:
            place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
                name = str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
                return Fact(name, "winreg.QueryValueEx")
        except OSError:
            pass
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:  # noqa: PTH123  (as it is told)
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() in ("model name", "Model", "cpu model", "cpu") and value.strip():
                    return Fact(value.strip(), "open('/proc/cpuinfo')")
    except OSError:
        pass
    return Fact(platform.machine() or "unknown", "platform.machine")


def _operating_system() -> Fact:
    kernel = f"{platform.system()} {platform.release()}"
    if sys.platform == "darwin":
        return Fact(f"macOS {platform.mac_ver()[0]} ({kernel})", "platform.mac_ver")
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
        return Fact(f"{name} ({kernel})", "platform.freedesktop_os_release")
    except (OSError, KeyError):
        return Fact(f"{kernel} ({platform.version()})", "platform.version")


def _gpus(command: Command) -> Fact:
    # Asking CUDA about its devices would start it; where the run has, it knows best.
    if torch and torch.cuda.is_available() and torch.cuda.is_initialized():
        devices = map(torch.cuda.get_device_properties, range(torch.cuda.device_count()))
        names = [f"{each.name} ({each.total_memory // 2**20} MiB)" for each in devices]
        return Fact(plain(names), "torch.cuda.get_device_properties")
    found, _ = read_gpus(command.answer())
    if found:
        return Fact(plain(found), "nvidia-smi")
    if torch and hasattr(torch.backends, "mps") and torch.backends.mps.is_available():
        return Fact([f"Apple {platform.machine()} (Metal)"], "torch.backends.mps.is_available")
    return Fact([], "nvidia-smi")


def _numpy() -> Facts:
    if not numpy:
        return {}
    try:
        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return {"blas": Fact(f"{blas['name']} {blas['version']}", "numpy.show_config")}
    except Exception:  # a build of its own, or a version without this table
        return {}


def _thread_pools() -> Facts:
    pools = loaded("threadpoolctl")  # scikit-learn brings it
    if pools is None:
        return {}
    keys = ("user_api", "internal_api", "version", "num_threads", "threading_layer", "architecture")
    try:
        info = [
            {key: pool[key] for key in keys if pool.get(key)} for pool in pools.threadpool_info()
        ]
    except Exception:
        return {}
    distinct = sorted({tuple(sorted(pool.items())) for pool in info})
    return {"thread_pools": Fact(list(map(dict, distinct)), "threadpoolctl.threadpool_info")}


def _torch() -> Facts:
    if not hasattr(torch, "backends"):
        return {}
    facts: Facts = {}
    for name, place in _DECLARED["torch"].items():
        try:
            found = attrgetter(place.removeprefix("torch."))(torch)
            value = found() if callable(found) else found
        except Exception:  # another version of PyTorch, without this switch
            continue
        facts[name] = Fact(
            value if isinstance(value, (bool, int)) or value is None else str(value), place
        )
    return facts | _cudnn()


def _cudnn() -> Facts:
    """cuDNN's version without loading cuDNN, which takes a quarter of a second."""
    if not torch.version.cuda:
        return {}
    for distribution in installed_distributions():
        if distribution.name.startswith("nvidia-cudnn"):
            function = "mlprov_widgets.capture.packages.installed_distributions"
            return {"cudnn_version": Fact(distribution.version, function)}
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        version = torch.backends.cudnn.version()
        return {"cudnn_version": Fact(version, "torch.backends.cudnn.version")}
    return {}
