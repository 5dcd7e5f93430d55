"""The machine and the settings on which exact re-runs depend, and which function told them."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from mlprov_widgets.capture.background import Question, read_gpus
from mlprov_widgets.capture.packages import installed_distributions
from mlprov_widgets.capture.plain import loaded, plain
from mlprov_widgets.provenance.record import Value

# The only environment variables that are ever looked at: others hold secrets.
_SETTINGS = (
    "PYTHONHASHSEED",
    "CUBLAS_WORKSPACE_CONFIG",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    # Which instructions numerical libraries use: sums add up in another order.
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
)
_SETTING_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789:,_")

Facts = dict[str, Value]
Functions = dict[str, str]


def hardware(gpus: Question, processor: Question | None) -> tuple[Facts, Functions]:
    """CPU, RAM (GiB), GPUs and operating system.

    Parameters
    ----------
    gpus, processor : Question
        Asked when the run began.

    Returns
    -------
    tuple of dict and dict
        The facts, and for each the function that obtained it.
    """
    facts: Facts = {}
    functions: Functions = {}
    facts["CPU"], functions["CPU"] = _cpu(processor)
    facts["CPU_cores"], functions["CPU_cores"] = os.cpu_count(), "os.cpu_count"
    facts["GPUs"], functions["GPUs"] = _gpus(gpus)
    memory = _memory()
    if memory:
        facts["RAM"], functions["RAM"] = f"{memory / 2**30:.1f} GiB", "psutil.virtual_memory"
    facts["Operating_System"], functions["Operating_System"] = _operating_system()
    return facts, functions


def settings(gpus: Question) -> tuple[Facts, Functions]:
    """Versions, thread counts and switches that decide whether a re-run is exact."""
    facts: Facts = {
        "python": platform.python_version(),
        "python_implementation": platform.python_implementation(),
        "machine": platform.machine(),
        "hash_randomization": bool(sys.flags.hash_randomization),
    }
    functions: Functions = {
        "python": "platform.python_version",
        "python_implementation": "platform.python_implementation",
        "machine": "platform.machine",
        "hash_randomization": "sys.flags",
    }
    for name in _SETTINGS:
        value = os.environ.get(name, "").lower()
        # Anything but numbers and short words is not what these variables are for.
        if value and len(value) <= 40 and _SETTING_CHARACTERS.issuperset(value):
            facts[name], functions[name] = value, "os.environ.get"
    for told in (_numpy(), _thread_pools(), _torch()):
        for name, (value, function) in told.items():
            if value not in (None, ""):
                facts[name], functions[name] = plain(value), function
    driver = read_gpus(gpus.answer())[1]
    if driver:
        facts["nvidia_driver"], functions["nvidia_driver"] = driver, "nvidia-smi"
    return facts, functions


def kernel_name(notebook_kernel: str) -> tuple[str, str]:
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
            return str(name), "ipykernel.kernelapp.IPKernelApp.instance"
    if notebook_kernel:
        return notebook_kernel, "json.loads"
    return ("ipython", "IPython.get_ipython") if application else ("none", "IPython.get_ipython")


def _cpu(processor: Question | None) -> tuple[str, str]:
    if processor is not None:
        name = processor.answer().strip()
        if name:
            return name, "sysctl"
    if sys.platform == "win32":
        import winreg

        try:
            place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
                return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip(), (
                    "winreg.QueryValueEx"
                )
        except OSError:
            pass
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:  # noqa: PTH123
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() in ("model name", "Model", "cpu model", "cpu") and value.strip():
                    return value.strip(), "open('/proc/cpuinfo')"
    except OSError:
        pass
    return platform.machine() or "unknown", "platform.machine"


def _memory() -> int:
    try:
        import psutil
    except ImportError:
        return 0
    return int(psutil.virtual_memory().total)


def _operating_system() -> tuple[str, str]:
    kernel = f"{platform.system()} {platform.release()}"
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]} ({kernel})", "platform.mac_ver"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']} ({kernel})", (
            "platform.freedesktop_os_release"
        )
    except (OSError, KeyError):
        return f"{kernel} ({platform.version()})", "platform.version"


def _gpus(question: Question) -> tuple[list[str], str]:
    torch = loaded("torch")
    # Asking CUDA about its devices would start it; where the run has, it knows best.
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        devices = map(torch.cuda.get_device_properties, range(torch.cuda.device_count()))
        return [f"{each.name} ({each.total_memory // 2**20} MiB)" for each in devices], (
            "torch.cuda.get_device_properties"
        )
    found, _ = read_gpus(question.answer())
    if found:
        return found, "nvidia-smi"
    if torch is not None and hasattr(torch.backends, "mps") and torch.backends.mps.is_available():
        return [f"Apple {platform.machine()} (Metal)"], "torch.backends.mps.is_available"
    return [], "nvidia-smi"


def _numpy() -> dict[str, tuple[Any, str]]:
    numpy = loaded("numpy")
    if numpy is None:
        return {}
    try:
        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return {"blas": (f"{blas['name']} {blas['version']}", "numpy.show_config")}
    except Exception:  # a build of its own, or a version without this table
        return {}


def _thread_pools() -> dict[str, tuple[Any, str]]:
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
    return {"thread_pools": ([dict(pool) for pool in distinct], "threadpoolctl.threadpool_info")}


def _torch() -> dict[str, tuple[Any, str]]:
    torch: Any = loaded("torch")
    if torch is None or not hasattr(torch, "backends"):
        return {}
    backends = torch.backends
    asked = {
        "torch_version": ("torch.__version__", lambda: str(torch.__version__)),
        "torch_threads": ("torch.get_num_threads", torch.get_num_threads),
        "torch_interop_threads": ("torch.get_num_interop_threads", torch.get_num_interop_threads),
        "cpu_capability": (
            "torch.backends.cpu.get_cpu_capability",
            lambda: backends.cpu.get_cpu_capability(),
        ),
        "mkldnn": ("torch.backends.mkldnn.is_available", lambda: backends.mkldnn.is_available()),
        "deterministic_algorithms": (
            "torch.are_deterministic_algorithms_enabled",
            torch.are_deterministic_algorithms_enabled,
        ),
        "deterministic_warn_only": (
            "torch.is_deterministic_algorithms_warn_only_enabled",
            torch.is_deterministic_algorithms_warn_only_enabled,
        ),
        "cudnn_deterministic": (
            "torch.backends.cudnn.deterministic",
            lambda: backends.cudnn.deterministic,
        ),
        "cudnn_benchmark": ("torch.backends.cudnn.benchmark", lambda: backends.cudnn.benchmark),
        "cudnn_tf32": ("torch.backends.cudnn.allow_tf32", lambda: backends.cudnn.allow_tf32),
        "cuda_matmul_tf32": (
            "torch.backends.cuda.matmul.allow_tf32",
            lambda: backends.cuda.matmul.allow_tf32,
        ),
        "float32_matmul_precision": (
            "torch.get_float32_matmul_precision",
            torch.get_float32_matmul_precision,
        ),
        "default_dtype": ("torch.get_default_dtype", lambda: str(torch.get_default_dtype())),
        "cuda_version": ("torch.version.cuda", lambda: torch.version.cuda),
        "cuda_available": ("torch.cuda.is_available", torch.cuda.is_available),
    }
    told: dict[str, tuple[Any, str]] = {}
    for name, (function, ask) in asked.items():
        try:
            told[name] = (ask(), function)
        except Exception:  # another version of PyTorch, without this switch
            continue
    told |= _cudnn(torch)
    return told


def _cudnn(torch: Any) -> dict[str, tuple[Any, str]]:
    """cuDNN's version without loading cuDNN, which takes a quarter of a second."""
    if not torch.version.cuda:
        return {}
    for distribution in installed_distributions():
        if distribution.name.startswith("nvidia-cudnn"):
            return {
                "cudnn_version": (
                    distribution.version,
                    "mlprov_widgets.capture.packages.installed_distributions",
                )
            }
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        return {"cudnn_version": (torch.backends.cudnn.version(), "torch.backends.cudnn.version")}
    return {}
