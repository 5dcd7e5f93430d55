"""A JupyterHub in which each visitor gets a container; README.md beside this file says how."""

import os
import sys

c = get_config()  # noqa: F821 - JupyterHub runs this file with it

IMAGE = "mlprov-widgets"
NETWORK = "mlprov"  # as created in README.md: containers do not see each other
HUB_ADDRESS = "172.30.0.1"  # the network's gateway, which is this machine as containers see it
FOLDER = "/home/mlprov/work"
MEMORY = "4G"
CPUS = 2
IDLE_SECONDS = 2 * 60 * 60

# With these a name is enough to be somebody and to read that person's files.
OPEN = {"dummy", "null", "shared-password"}


def chosen(name: str, what: str) -> str:
    """What the host has set, which has no default."""
    value = os.environ.get(name, "").strip()
    if not value:
        sys.exit(f"{name} is not set: say {what} (see docker/README.md).")
    return value


def names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",") if name.strip()}


# Who may come in: nobody but those the host names, by a way to sign in that the host has chosen.
authenticator = chosen("HUB_AUTHENTICATOR", "how visitors sign in, for example github")
if authenticator in OPEN:
    sys.exit(f"HUB_AUTHENTICATOR={authenticator} lets anybody be anybody: choose another.")
users = names(chosen("HUB_USERS", "who may sign in: names, or * for all who can"))
c.JupyterHub.authenticator_class = authenticator
c.Authenticator.allow_all = "*" in users
c.Authenticator.allowed_users = users - {"*"}
c.Authenticator.admin_users = names(os.environ.get("HUB_ADMINS", ""))

# Only this machine's reverse proxy, which speaks TLS, and its containers reach the hub.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.hub_bind_url = f"http://{HUB_ADDRESS}:8081"

# One container a visitor, with bounds, no rights to gain and no way to its neighbours.
c.JupyterHub.spawner_class = "docker"
c.DockerSpawner.image = IMAGE
c.DockerSpawner.pull_policy = "never"  # the one built here, not one of its name from elsewhere
c.DockerSpawner.network_name = NETWORK
c.DockerSpawner.cmd = ["jupyterhub-singleuser"]
c.DockerSpawner.notebook_dir = FOLDER
c.DockerSpawner.default_url = "/lab/tree/demo.ipynb"
c.DockerSpawner.mem_limit = MEMORY
c.DockerSpawner.cpu_limit = CPUS
# PyTorch would start a thread for each of the machine's cores, also for those it may not use.
c.DockerSpawner.environment = {"OMP_NUM_THREADS": str(CPUS)}
c.DockerSpawner.extra_host_config = {
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 1024,
    "shm_size": "512m",  # what processes that load images share
    "init": True,
}
c.DockerSpawner.extra_create_kwargs = {"healthcheck": {"test": ["NONE"]}}  # it asks for the app

# A stopped container is removed; its visitor's folder stays until the host removes the volume.
c.DockerSpawner.remove = True
c.DockerSpawner.volumes = {"mlprov-{username}": FOLDER}

c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE_SECONDS}"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
