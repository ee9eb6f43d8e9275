#!/usr/bin/env python3
"""Writes kubeconfigs as tools do that create clusters: into the same files, in the same way, with the same messages. The
rules were read in the sources of the tools on 30 November 2026; no cluster is made.

usage: tests/writers.py TOOL ACTION [PORT]

TOOL is one of:
  kind      kubernetes-sigs/kind, pkg/cluster/internal/kubeconfig/internal/kubeconfig (merge.go at 55b8e69): creates in the
            first file of KUBECONFIG that exists, and deletes from each file; under kubectl's lock
  minikube  kubernetes/minikube, pkg/minikube/kubeconfig (settings.go at 0673d13, context.go at 039ac97): knows the first
            path alone, and creates its folder
  k3d       k3d-io/k3d, pkg/client/kubeconfig.go (at 1f32978): warns, and leaves the files alone, if KUBECONFIG has several
  gcloud    googlecloudsdk/api_lib/container/kubeconfig.py (with numbered backups): knows the first path alone, creates its
            folder, and moves a file away that has not all three lists
  az        Azure/azure-cli, command_modules/acs/custom.py (with _handle_merge and --overwrite-existing): knows the first
            path alone, and creates its folder
ACTION is create, status (of minikube) or delete; gcloud and az have no delete.
"""

import os
import sys
import time

import yaml

TOOL, ACTION = sys.argv[1:3]
SERVER = "https://127.0.0.1:" + (sys.argv[3] if len(sys.argv) > 3 else "7999")
NAME = {
    "kind": "kind-kind",
    "minikube": "minikube",
    "k3d": "k3d-mine",
    "gcloud": "gke_project_zone_mine",
    "az": "aks",
}[TOOL]
USER = {"k3d": "admin@k3d-mine", "az": "clusterUser_group_aks"}.get(TOOL, NAME)
LISTS = ("clusters", "users", "contexts")


def paths():
    """The paths of KUBECONFIG, each once."""
    found = dict.fromkeys(path for path in os.environ.get("KUBECONFIG", "").split(":") if path)
    return list(found) or [os.path.expanduser("~/.kube/config")]


def read(path):
    """A kubeconfig, as Go's clientcmd reads it: a file that is missing or empty is an empty one."""
    try:
        with open(path) as file:
            config = yaml.safe_load(file) or {}
    except FileNotFoundError:
        config = {}
    for key in LISTS:
        config[key] = config.get(key) or []
    return {"apiVersion": "v1", "kind": "Config", "current-context": "", **config}


def write(path, config):
    os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        yaml.safe_dump(config, file, default_flow_style=False)


def locked(path, change):
    """What kind does under the lock of client-go."""
    lock = path + ".lock"
    os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
    os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0))
    try:
        config = read(path)
        before = yaml.safe_dump(config)
        change(config)
        if yaml.safe_dump(config) != before:
            write(path, config)
    finally:
        os.remove(lock)


def bodies():
    cluster, user = {"server": SERVER}, {"client-certificate": f"/{TOOL}/c.crt", "client-key": f"/{TOOL}/c.key"}
    if TOOL == "gcloud":
        user = {
            "exec": {
                "apiVersion": "client.authentication.k8s.io/v1beta1",
                "command": "gke-gcloud-auth-plugin",
                "installHint": "Install gke-gcloud-auth-plugin",
                "provideClusterInfo": True,
            }
        }
    context = {"cluster": NAME, "user": USER}
    if TOOL == "minikube":
        context["namespace"] = "default"
    return {
        "clusters": {"name": NAME, "cluster": cluster},
        "users": {"name": USER, "user": user},
        "contexts": {"name": NAME, "context": context},
    }


def put(config):
    for key, entry in bodies().items():
        config[key] = [other for other in config[key] if other["name"] != entry["name"]] + [entry]
    config["current-context"] = NAME


def remove(config):
    for key in LISTS:
        config[key] = [entry for entry in config[key] if entry["name"] not in (NAME, USER)]
    if config["current-context"] == NAME:
        config["current-context"] = ""


def kind():
    if ACTION == "create":
        existing = [path for path in paths() if os.path.isfile(path)]
        locked((existing or paths()[-1:])[0], put)
        print(f'Set kubectl context to "{NAME}"')
    else:
        for path in paths():
            locked(path, remove)
        print('Deleting cluster "kind" ...')


def minikube():
    path = paths()[0]
    config = read(path)
    if ACTION == "status":
        known = any(entry["name"] == NAME for entry in config["clusters"])
        print("kubeconfig:", "Configured" if known else "Misconfigured")
        if not known:
            sys.exit(f'WARNING: your kubectl is pointing to a stale context: "{NAME}" does not appear in {path}')
    elif ACTION == "create":
        put(config)
        write(path, config)
        print('Done! kubectl is now configured to use "minikube" cluster and "default" namespace by default')
    else:
        if any(config[key] for key in LISTS) or config["current-context"]:
            remove(config)
            write(path, config)
        print('Removed all traces of the "minikube" cluster.')


def k3d():
    if len(paths()) > 1:
        print(
            "WARN multiple kubeconfigs specified via KUBECONFIG env var: Please reduce to one entry, unset KUBECONFIG or"
            " explicitly choose an output",
            file=sys.stderr,
        )
        return
    path = paths()[0]
    config = read(path)
    put(config) if ACTION == "create" else remove(config)
    beside = f"{path}.k3d_{time.strftime('%Y%m%d_%H%M%S')}"
    write(beside, config)
    os.rename(beside, path)


def gcloud():
    path = paths()[0]
    config = None
    if os.path.isfile(path):
        with open(path) as file:
            config = yaml.safe_load(file)
        if not config or not all(isinstance(config.get(key), list) for key in LISTS):
            backup = f"{path}.{time.strftime('%Y-%m-%dT%H-%M-%SZ')}.{os.getpid()}.00.backup"
            os.rename(path, backup)
            print(f"WARNING: Unable to load default kubeconfig; saved backup to {backup}", file=sys.stderr)
            config = None
    config = config or read("/nowhere")
    put(config)
    write(path, config)
    print("kubeconfig entry generated for mine.", file=sys.stderr)


def az():
    path = paths()[0]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.exists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    with open(path) as file:
        config = yaml.safe_load(file)
    if config is None:
        config = read("/nowhere")
    missing = [key for key in LISTS if key not in config]
    if missing:
        sys.exit(f"No such key '{missing[0]}' in existing config")
    config.update({key: config[key] or [] for key in LISTS})
    put(config)
    write(path, config)
    print(f'Merged "{NAME}" as current context in {path}', file=sys.stderr)


{"kind": kind, "minikube": minikube, "k3d": k3d, "gcloud": gcloud, "az": az}[TOOL]()
