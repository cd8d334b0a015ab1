"""The answers and exports of log stores as plain records: one object a record, names as ``json_names`` knows them.

Loki, Elasticsearch and OpenSearch, VictoriaLogs, CloudWatch, Google Cloud Logging, Azure Monitor, OpenTelemetry (OTLP),
Graylog, Splunk, Datadog, Kubernetes' events. Each has records somewhere within, and says of whole groups of them
(streams, resources) where they are from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from logcorr.parsers.fields.json_names import TIMES
from logcorr.parsers.formats import event_objects

Record = dict[str, Any]

#: Names of which one is in every such object; what lacks them need not be looked at.
MARKS: Final = (
    '"resourceLogs"', '"streams"', '"result"', '"results"', '"hits"', '"_source"', '"columns"', '"datarows"',
    '"tables"', '"events"', '"logEvents"', '"entries"', '"items"', '"messages"', '"attributes"', '"data"',
    '"records"', '"Records"', '"logs"', '"labels"', '"involvedObject"', '"regarding"', '"responses"', '"value"',
    '"Event"', '"ID"',
)  # fmt: skip
_GRADES: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_MOST_SEVERE: Final = 24
_DEEPEST: Final = 6
_HOSTS: Final = (
    "host",
    "hostname",
    "host_name",
    "nodename",
    "node_name",
    "node",
    "instance",
    "computer",
    "pod",
    "pod_name",
)
_UNITS: Final = ("unit", "systemd_unit", "_SYSTEMD_UNIT", "__journal__systemd_unit", "user_unit")
_PROGRAMS: Final = (
    "syslog_identifier", "SYSLOG_IDENTIFIER", "identifier", "program", "app", "appname", "application", "service_name",
    "service", "container", "container_name", "process", "component", "job",
)  # fmt: skip
_LEVELS: Final = ("level", "detected_level", "severity", "severity_text", "priority")
#: Jobs that collect, and name no program.
_COLLECTORS: Final = re.compile(
    r"(?i)(?:.*/)?(?:var|sys)?-?(?:logs?|syslog|messages|systemd-journal|journald?|loki|docker|kubernetes(?:-pods)?|"
    r"promtail|alloy|integrations/.*|containers?)(?:\.\w+)*$"
)
#: Rows to which stores hold their answers: Loki 1,000 and 5,000, Elasticsearch and CloudWatch 10,000, Azure 30,000.
_PAGES: Final = frozenset({500, 1_000, 2_000, 5_000, 10_000, 30_000, 50_000, 100_000})


def is_store(value: Mapping[str, Any]) -> bool:
    """Whether an object holds records, or is one in a store's wrapping."""
    return next(entries(value, strict=True), None) is not None


def entries(value: object, *, strict: bool = False, depth: int = 0) -> Iterator[Record]:
    """The records in an object. ``strict``: none where the object is no store's."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from entries(item, depth=depth + 1)
        return
    if not isinstance(value, dict):
        return
    for shape in _SHAPES:
        found = shape(value)
        if found is not None:
            for one in found:
                yield from entries(one, depth=depth + 1) if one is not value else (one,)
            return
    if not strict:
        yield value


def _otlp(value: Record) -> Iterator[Record] | None:
    """opentelemetry-proto: logs/v1/logs.proto, in its JSON encoding."""
    resources = value.get("resourceLogs")
    return _of_resources(resources) if isinstance(resources, list) else None


def _of_resources(resources: Sequence[Any]) -> Iterator[Record]:
    for resource in _dicts(resources):
        shared = _attributes(resource.get("resource"))
        for scope in _dicts(resource.get("scopeLogs") or resource.get("instrumentationLibraryLogs") or ()):
            for one in _dicts(scope.get("logRecords") or ()):
                own = _attributes(one)
                body = _plain(one.get("body"))
                text = body if isinstance(body, str) or body is None else json.dumps(body, ensure_ascii=False)
                yield from_labels(shared | own) | {
                    "time": one.get("timeUnixNano") if one.get("timeUnixNano") not in (None, "0", 0)
                    else one.get("observedTimeUnixNano"),
                    "level": one.get("severityText") or _grade(one.get("severityNumber")),
                    "message": text,
                    "error": own.get("exception.message"),
                }  # fmt: skip


def _attributes(holder: object) -> Record:
    pairs = holder.get("attributes") if isinstance(holder, dict) else None
    return {one["key"]: _plain(one.get("value")) for one in _dicts(pairs or ()) if isinstance(one.get("key"), str)}


def _plain(value: object) -> object:
    """OTLP's AnyValue."""
    if not isinstance(value, dict):
        return value
    if "kvlistValue" in value:
        return {one.get("key"): _plain(one.get("value")) for one in _dicts(value["kvlistValue"].get("values") or ())}
    if "arrayValue" in value:
        return [_plain(one) for one in value["arrayValue"].get("values") or ()]
    return next(iter(value.values()), None)


def _grade(number: object) -> str | None:
    """OpenTelemetry's severity numbers: four to a level, from TRACE."""
    if not isinstance(number, int) or not 1 <= number <= _MOST_SEVERE:
        return None
    return _GRADES[(number - 1) // 4]


def _loki(value: Record) -> Iterator[Record] | None:
    """Loki's query_range and push: streams of [nanoseconds, line]; and its command line's lines."""
    if isinstance(value.get("labels"), dict) and isinstance(value.get("line"), str):
        return iter([from_labels(value["labels"]) | {"time": value.get("timestamp"), "message": value["line"]}])
    data = value.get("data")
    streams = value.get("streams") or (data.get("result") if isinstance(data, dict) else None)
    if not isinstance(streams, list) or not all(isinstance(one, dict) and "stream" in one for one in streams):
        return None
    return (
        from_labels(_dict(one["stream"]) | _dict(line[2] if len(line) > 2 else None))
        | {"time": str(line[0]), "message": str(line[1])}
        for one in streams
        for line in one.get("values") or ()
        if isinstance(line, list) and len(line) > 1
    )


def _search(value: Record) -> Iterator[Record] | None:
    """Elasticsearch's and OpenSearch's hits, one by one as dumps have them, or all of an answer."""
    if isinstance(value.get("_source"), dict):
        return iter([value["_source"]])
    if isinstance(value.get("fields"), dict) and "_index" in value:
        return iter([{name: one[0] if isinstance(one, list) and one else one for name, one in value["fields"].items()}])
    hits = value.get("hits")
    if isinstance(hits, dict) and isinstance(hits.get("hits"), list):
        return _dicts(hits["hits"])
    return _dicts(value["responses"]) if isinstance(value.get("responses"), list) else None


def _tables(value: Record) -> Iterator[Record] | None:
    """Columns and rows: ES|QL and SQL, OpenSearch's PPL, Graylog's and Azure Monitor's tables."""
    if isinstance(value.get("tables"), list):
        return _dicts(value["tables"])
    columns = value.get("columns") or value.get("schema")
    rows = next((value[name] for name in ("values", "rows", "datarows") if isinstance(value.get(name), list)), None)
    if not isinstance(columns, list) or rows is None:
        return None
    names = [str(one.get("field") or one.get("name")) if isinstance(one, dict) else str(one) for one in columns]
    return (dict(zip(names, row, strict=False)) for row in rows if isinstance(row, list))


def _cloudwatch(value: Record) -> Iterator[Record] | None:
    """Amazon's get-log-events, filter-log-events, subscriptions (logEvents) and Insights' results."""
    events = value.get("events") or value.get("logEvents")
    if isinstance(events, list) and all(isinstance(one, dict) and "timestamp" in one for one in events):
        host = {"host": value["logStream"]} if isinstance(value.get("logStream"), str) else {}
        return (host | {"time": one["timestamp"], "message": one.get("message")} for one in events)
    results = value.get("results")
    if isinstance(results, list) and results and all(isinstance(one, list) for one in results):
        return ({str(pair.get("field")): pair.get("value") for pair in _dicts(row)} for row in results)
    return None


def _google(value: Record) -> Iterator[Record] | None:
    """Google's LogEntry: the resource's labels say where it is from."""
    if isinstance(value.get("entries"), list):
        return _dicts(value["entries"])
    if not {"textPayload", "jsonPayload", "protoPayload"} & value.keys() or "resource" not in value:
        return None
    labels = _dict(_dict(value["resource"]).get("labels")) | _dict(value.get("labels"))
    name = {"program": str(value.get("logName", "")).rpartition("%2F")[2].rpartition("/")[2] or None}
    payload = _dict(value.get("jsonPayload"))
    proto = _dict(value.get("protoPayload"))
    status = _dict(proto.get("status")).get("message")
    words = " ".join(str(one) for one in (proto.get("methodName"), proto.get("resourceName"), status) if one)
    told = {"host": payload.get("_HOSTNAME") or labels.get("instance_name") or labels.get("node_name")}
    found = name | from_labels(labels) | {one: what for one, what in (told | {"message": words}).items() if what}
    return iter([found | {key: value.get(key) for key in ("textPayload", "jsonPayload", "severity")}
                 | {"time": value.get("timestamp") or value.get("receiveTimestamp")}])  # fmt: skip


def _kubernetes(value: Record) -> Iterator[Record] | None:
    """Events as the API lists them; the time is that of the last of the times that one stands for."""
    if str(value.get("kind", "")).endswith("List") and isinstance(value.get("items"), list):
        return _dicts(value["items"])
    about = _dict(value.get("involvedObject") or value.get("regarding"))
    if not about or "reason" not in value:
        return None
    series, source = _dict(value.get("series")), _dict(value.get("source") or value.get("deprecatedSource"))
    times = (
        value.get("lastTimestamp"), value.get("deprecatedLastTimestamp"), series.get("lastObservedTime"),
        value.get("eventTime"), value.get("firstTimestamp"), _dict(value.get("metadata")).get("creationTimestamp"),
    )  # fmt: skip
    name = "/".join(str(about[part]) for part in ("kind", "namespace", "name") if about.get(part))
    count = value.get("count") or series.get("count")
    again = f" (x{count})" if count and str(count) != "1" else ""
    node = str(about.get("name")) if about.get("kind") == "Node" else None
    return iter([{
        "time": next(filter(None, times), None),
        "host": source.get("host") or value.get("reportingInstance") or node,
        "program": source.get("component") or value.get("reportingComponent") or value.get("reportingController"),
        "level": {"Warning": "warning"}.get(str(value.get("type")), "info"),
        "message": f"{name} {value['reason']}: {value.get('message') or value.get('note') or ''}{again}",
    }])  # fmt: skip


def _wrapped(value: Record) -> Iterator[Record] | None:
    """One record, or a list of them, in an object of its own: Splunk, Graylog, Datadog, Azure, CloudTrail."""
    result = value.get("result")
    if isinstance(result, dict) and ("_raw" in result or "_time" in result):
        return iter([result])
    if isinstance(value.get("attributes"), dict) and "id" in value and "timestamp" in value["attributes"]:
        inner = value["attributes"]
        return iter([_dict(inner.get("attributes")) | inner])
    if isinstance(value.get("message"), dict) and "index" in value:
        return iter([value["message"]])
    if any(name in value for name in TIMES):
        return None
    lists = [one for one in value.values() if isinstance(one, list) and any(_is_record(item) for item in one[:3])]
    if lists:
        return (item for one in lists for item in _dicts(one))
    inner = [one for one in value.values() if isinstance(one, dict) and is_store(one)]
    return iter(inner) if inner else None


def _is_record(item: object) -> bool:
    return isinstance(item, dict) and (any(name in item for name in TIMES) or is_store(item))


_SHAPES: Final = (
    _otlp, _loki, _search, _tables, _cloudwatch, _google, _kubernetes, event_objects.windows, event_objects.audit,
    _wrapped,
)  # fmt: skip


def from_labels(labels: Mapping[str, Any]) -> Record:
    """Host, unit, program and level that a stream's labels, or a resource's attributes, name."""
    plain = {str(name).replace(".", "_"): value for name, value in labels.items() if value not in (None, "")}

    def first(names: Sequence[str]) -> str | None:
        return next((str(plain[name]) for name in names if isinstance(plain.get(name), str | int)), None)

    program = first(_PROGRAMS)
    found = {
        "host": first(_HOSTS),
        "unit": first(_UNITS),
        "program": None if program is None or _COLLECTORS.fullmatch(program) else program,
        "level": first(_LEVELS),
        "container_name": first(("container", "container_name")),
    }
    return {name: value for name, value in found.items() if value is not None}


def incomplete(value: object, count: int) -> str | None:
    """Why ``count`` records of an answer are not all that there were, in words."""
    answer = _dict(value)
    total = _dict(answer.get("hits")).get("total")
    number, relation = _dict(total).get("value", total), _dict(total).get("relation")
    if (isinstance(number, int) and number > count) or relation == "gte":
        more = " or more" if relation == "gte" else ""
        return f"the search found {number:,} records{more}, of which {count:,} are here"
    if any(answer.get(name) for name in ("nextToken", "nextPageToken", "next_page_token")):
        return f"the answer goes on after these {count:,} records: it names a next page"
    if answer.get("is_partial") or answer.get("timed_out"):
        return "the search ended before it had looked at everything"
    return page(count)


def page(count: int) -> str | None:
    """What a number of records is that a store gives at once and no more, in words."""
    if count not in _PAGES:
        return None
    return f"exactly {count:,} records, as many as a query gives at once: what came before or after is not in it"


def _dict(value: object) -> Record:
    return value if isinstance(value, dict) else {}


def _dicts(values: object) -> Iterator[Record]:
    return (one for one in values if isinstance(one, dict)) if isinstance(values, Iterable) else iter(())
