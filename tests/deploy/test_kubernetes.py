"""deploy/kubernetes: every key known, every reference meets, closed as far as it goes, and it fits the program."""

import copy
import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
import yaml

from ingest.cli.main import cli
from ingest.settings.model import load
from ingest.web.health import router
from ingest.web.hosts import HostRule
from tests.dashboards.documents import lost
from tests.deploy.compose import SERVICES
from tests.deploy.installation import DEPLOY, REPOSITORY

FOLDER = DEPLOY / "kubernetes"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
DOCUMENTS: list[dict[str, Any]] = [
    document
    for name in KUSTOMIZATION["resources"]
    for document in yaml.load_all((FOLDER / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
]
VERSIONS = {
    "Namespace": "v1", "ConfigMap": "v1", "Service": "v1", "PersistentVolumeClaim": "v1", "Job": "batch/v1",
    "CronJob": "batch/v1", "Deployment": "apps/v1", "PodDisruptionBudget": "policy/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
}  # fmt: skip
POD_KEYS = {
    "automountServiceAccountToken", "containers", "enableServiceLinks", "initContainers", "restartPolicy",
    "securityContext", "terminationGracePeriodSeconds", "volumes",
}  # fmt: skip
CONTAINER_KEYS = {
    "args", "command", "envFrom", "image", "livenessProbe", "name", "ports", "readinessProbe", "resources",
    "securityContext", "startupProbe", "volumeMounts",
}  # fmt: skip
PROBE_KEYS = {"httpGet", "periodSeconds", "timeoutSeconds", "failureThreshold"}
OURS = "noroshi"


def one(kind: str) -> dict[str, Any]:
    (document,) = (document for document in DOCUMENTS if document["kind"] == kind)
    return document


def templates() -> Iterator[dict[str, Any]]:
    """The template of every pod."""
    for document in DOCUMENTS:
        spec = document.get("spec", {})
        spec = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec
        if "template" in spec:
            yield spec["template"]


PODS: list[dict[str, Any]] = [template["spec"] for template in templates()]
CONTAINERS: list[dict[str, Any]] = [
    container for pod in PODS for container in (*pod.get("initContainers", []), *pod["containers"])
]
each_container = pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container["name"])
(INGEST,) = (container for container in CONTAINERS if container["name"] == "ingest")


def test_every_file_is_applied_and_every_kind_has_the_version_that_is_served() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == {*KUSTOMIZATION["resources"], "kustomization.yaml"}
    for document in DOCUMENTS:
        assert document["apiVersion"] == VERSIONS[document["kind"]]
    assert len({(document["kind"], document["metadata"]["name"]) for document in DOCUMENTS}) == len(DOCUMENTS)


def kubernetes_type(document: dict[str, Any]) -> Any:
    """The type that the server's own description has for a document of this kind."""
    group, _, version = document["apiVersion"].rpartition("/")
    module = importlib.import_module(f"lightkube.models.{group.split('.')[0] or 'core'}_{version}")
    return getattr(module, document["kind"])


def unknown(document: dict[str, Any]) -> list[str]:
    """Keys that Kubernetes does not know. Raises ValidationError where a value has a wrong type or one is missing."""
    return list(lost(document, msgspec.to_builtins(msgspec.convert(document, kubernetes_type(document), strict=True))))


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: f"{document['kind']} {document['metadata']['name']}"
)
def test_kubernetes_knows_every_key_and_the_type_of_every_value(document: dict[str, Any]) -> None:
    assert unknown(document) == []


def test_what_kubernetes_would_refuse_is_noticed() -> None:
    misspelt, of_a_wrong_type, without_selector = (copy.deepcopy(one("Deployment")) for _ in range(3))
    misspelt["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    assert unknown(misspelt) == [".spec.template.spec.containers[0].readynessProbe"]
    of_a_wrong_type["spec"]["replicas"] = "1"
    with pytest.raises(msgspec.ValidationError, match=r"spec\.replicas"):
        unknown(of_a_wrong_type)
    del without_selector["spec"]["selector"]
    with pytest.raises(msgspec.ValidationError, match="selector"):
        unknown(without_selector)


def test_of_a_pod_only_what_we_mean_to_use_is_used() -> None:
    for pod in PODS:
        assert set(pod) <= POD_KEYS
    for container in CONTAINERS:
        assert set(container) <= CONTAINER_KEYS
        for probe in (value for key, value in container.items() if key.endswith("Probe")):
            assert set(probe) <= PROBE_KEYS


@each_container
def test_an_image_is_the_one_of_compose_and_pinned(container: dict[str, Any]) -> None:
    name, _, tag = container["image"].partition(":")
    assert re.match(r"\d+\.\d+", tag)
    if name == OURS:
        assert container["image"] == SERVICES["ingest"]["image"]
    else:
        # The client is of the server's major version: an older pg_dump refuses a newer server.
        major = re.search(r"-pg(\d+)$", SERVICES["timescaledb"]["image"])
        assert major
        assert (name, tag.split(".")[0]) == ("postgres", major[1])


@each_container
def test_a_container_of_ours_runs_a_command_that_exists(container: dict[str, Any]) -> None:
    if container["image"].startswith(f"{OURS}:"):
        group, *others = container["args"]
        command = cli.get_command(click.Context(cli), group)
        assert command is not None, group
        words = {option for parameter in command.params for option in parameter.opts}
        words |= set(getattr(command, "commands", {}))
        assert {word for word in others if not word.isdigit()} <= words


@each_container
def test_a_container_may_do_as_little_as_can_be(container: dict[str, Any]) -> None:
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["requests"]["memory"]
    assert container["resources"]["limits"]["memory"]


def test_a_pod_is_nobody_of_importance() -> None:
    for pod in PODS:
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    labels = one("Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    user = re.search(r"^USER (\d+):(\d+)$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert user
    (pod,) = (pod for pod in PODS if INGEST in pod["containers"])
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]) == (int(user[1]), int(user[2]))


def test_two_pods_never_run_at_once_under_the_same_client_ids() -> None:
    spec = one("Deployment")["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}


def test_the_service_is_given_time_to_finish_what_is_in_flight() -> None:
    pod = one("Deployment")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > load().shutdown_grace_s


def test_a_selector_meets_the_pod_it_means() -> None:
    labels = one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert one("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert one("Service")["spec"]["selector"] == labels
    everybody = [template["metadata"]["labels"] for template in templates()]
    for policy in (document for document in DOCUMENTS if document["kind"] == "NetworkPolicy"):
        wanted = policy["spec"]["podSelector"].get("matchLabels", {}).items()
        assert any(wanted <= found.items() for found in everybody)


def test_nothing_is_open_that_no_policy_opens() -> None:
    (closed,) = (document for document in DOCUMENTS if document["metadata"]["name"] == "nothing")
    assert closed["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_a_pod_speaks_to_names_database_and_broker_and_to_nobody_else() -> None:
    """Every rule says to whom, and none says everybody: a stolen service carries nothing away."""
    rules = [
        rule
        for document in DOCUMENTS
        if document["kind"] == "NetworkPolicy"
        for rule in document["spec"].get("egress", ())
    ]
    assert [[port["port"] for port in rule["ports"]] for rule in rules] == [[53, 53], [5432], [8883]]
    for rule in rules:
        assert rule["to"]
        for whom in rule["to"]:
            if "ipBlock" in whom:
                assert whom["ipBlock"]["cidr"].endswith("/32")
            else:
                assert whom["namespaceSelector"]["matchLabels"]
                assert whom["podSelector"]["matchLabels"]


def test_probes_ask_what_the_service_answers_on_its_port() -> None:
    answered = {getattr(route, "path", "") for route in router.routes}
    (port,) = INGEST["ports"]
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = INGEST[name]["httpGet"]
        assert asked["path"] in answered
        assert asked["port"] == port["name"]
    assert INGEST["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert INGEST["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert one("ConfigMap")["data"]["NOROSHI_WEB__PORT"] == str(port["containerPort"])
    assert one("Service")["spec"]["ports"][0]["targetPort"] == port["name"]


def test_the_settings_are_settings_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in os.environ:
        if variable.startswith("NOROSHI_"):
            monkeypatch.delenv(variable)
    secret = dict(re.findall(r"(NOROSHI_\w+)=([^\s,]+)", PAGE.partition("owner.env:")[0]))
    for key, value in {**one("ConfigMap")["data"], **secret}.items():
        monkeypatch.setenv(key, value)
    settings = load()
    assert settings.web.host == "0.0.0.0"
    rule, namespace = HostRule(settings.web.host, settings.web.allowed_hosts), one("Namespace")["metadata"]["name"]
    service = one("Service")["metadata"]["name"]
    for asked in ("10.42.0.7:8080", "localhost:8080", service, f"{service}.{namespace}.svc.cluster.local:8080"):
        assert rule.allows(asked, "10.42.0.7"), "probes, port-forward, and those who ask the Service"
    assert settings.broker.url.startswith("mqtts://")
    assert settings.broker.password is not None


def test_no_secret_is_made_on_a_command_line() -> None:
    assert "--from-literal" not in PAGE


def test_what_a_pod_refers_to_is_made_by_the_page_or_by_a_file() -> None:
    made = {(document["kind"], document["metadata"]["name"]) for document in DOCUMENTS}
    made |= {("Secret", name) for name in re.findall(r"kubectl create secret generic (\S+)", PAGE)}
    made |= {("ConfigMap", name) for name in re.findall(r"kubectl create configmap (\S+)", PAGE)}
    assert set(references()) <= made
    assert {name for kind, name in made if kind == "Secret"} == {
        name for kind, name in references() if kind == "Secret"
    }


def references() -> Iterator[tuple[str, str]]:
    for container in CONTAINERS:
        for source in container.get("envFrom", []):
            yield from ((kind_of(key), value["name"]) for key, value in source.items())
    for pod in PODS:
        for volume in pod.get("volumes", []):
            if "configMap" in volume:
                yield "ConfigMap", volume["configMap"]["name"]
            if "persistentVolumeClaim" in volume:
                yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]


def kind_of(reference: str) -> str:
    return {"secretRef": "Secret", "configMapRef": "ConfigMap"}[reference]


def test_every_mount_has_its_volume_and_every_volume_is_mounted() -> None:
    for pod in PODS:
        containers = (*pod.get("initContainers", []), *pod["containers"])
        mounted = {mount["name"] for container in containers for mount in container.get("volumeMounts", [])}
        assert mounted == {volume["name"] for volume in pod.get("volumes", [])}


def test_the_files_that_the_page_hands_over_are_there_and_have_the_names_that_are_asked_for() -> None:
    files = [Path(found) for found in re.findall(r"--from-file=(\S+)", PAGE)]
    for file in files:
        assert file.name == "authority.crt" or (REPOSITORY / file).is_file(), file
    names = {file.name for file in files}
    for container in CONTAINERS:
        for word in (*container.get("command", []), *container.get("args", [])):
            if "/" in word and "." in word:
                assert Path(word).name in names, word
    assert Path(one("ConfigMap")["data"]["NOROSHI_BROKER__CA_FILE"]).name in names


def test_a_backup_is_made_every_night_and_never_two_at_once() -> None:
    spec = one("CronJob")["spec"]
    assert re.fullmatch(r"\d+ [0-5] \* \* \*", spec["schedule"])
    assert (spec["timeZone"], spec["concurrencyPolicy"]) == ("Asia/Tokyo", "Forbid")
