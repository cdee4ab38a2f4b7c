"""A source of readings (数据源) as a project keeps it: whom to ask, for what, what its messages mean. No secrets."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from models.core.errors import UserError
from models.readings.messages.topic_template import topic_filter

KINDS = ("mqtt", "http", "sensorthings")
#: Schemes of addresses by kind of source; the second of each is encrypted.
SCHEMES = {"mqtt": ("mqtt", "mqtts"), "http": ("http", "https"), "sensorthings": ("http", "https")}
DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883, "http": 80, "https": 443}
#: How times without a zone of their own, and numbers, are read.
TIME_FORMS = ("auto", "iso", "s", "ms", "us")


@dataclass(frozen=True, slots=True)
class WideField:
    """One quantity of a message that holds several beside each other.

    Parameters
    ----------
    path : str
        Where its value stands, ``"data.ch4"``.
    quantity : str
        Id of the quantity.
    unit : str
        As the source sends it; empty for the unit of the quantity.
    """

    path: str
    quantity: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class MessageMapping:
    """Which part of a message is what; a path is names with dots between, ``"data.0.value"``.

    Parameters
    ----------
    records : str
        Path of an array with a reading in each item; empty where the message is one reading, or an array of them.
    sensor, quantity, value, time, unit, quality : str
        Paths within an item, or, where the item has none, within the message. Empty where the message does not say: the
        sensor and the quantity then come from the topic, the time is that of arrival.
    fixed_quantity, fixed_unit : str
        What holds for messages that do not say it.
    wide : tuple of WideField
        In the place of ``quantity`` and ``value`` for messages with several quantities beside each other.
    time_form : {"auto", "iso", "s", "ms", "us"}
        How times are written; ``"auto"`` takes text as ISO 8601 and tells numbers by their size.
    """

    records: str = ""
    sensor: str = ""
    quantity: str = ""
    value: str = "value"
    time: str = "time"
    unit: str = ""
    quality: str = ""
    fixed_quantity: str = ""
    fixed_unit: str = ""
    wide: tuple[WideField, ...] = ()
    time_form: str = "auto"


@dataclass(frozen=True, slots=True)
class LiveSource:
    """A source of readings.

    Parameters
    ----------
    id : str
        Never given twice in a project; the session that a broker keeps goes by it.
    name : str
    kind : {"mqtt", "http", "sensorthings"}
    address : str
        ``mqtt://host:1883``, ``mqtts://host:8883`` (TLS), ``https://…``. Without user and password: these lie in the
        key store of the system.
    topics : tuple of str
        Templates such as ``"city/{sensor}/{quantity}"`` (MQTT).
    mapping : MessageMapping
    zone : str
        Zone of times that state none (``"Asia/Shanghai"``); empty to refuse them.
    enabled : bool
        Whether it starts when live readings are started.
    period_s : float
        How often it is asked (HTTP, SensorThings), seconds.
    filter : str
        ``$filter`` of datastreams (SensorThings).
    protocol : {5, 4}
        MQTT 5, or 3.1.1, which libraries call 4.
    ca_file : str
        Certificate of the authority that signed the broker's; empty for those that the system trusts.
    clock_s : float
        By how much clocks may differ before a reading is marked, seconds.
    commands : bool
        Whether commands may be sent to it at all; each still needs a person's word.
    """

    id: str
    name: str
    kind: str
    address: str
    topics: tuple[str, ...] = ()
    mapping: MessageMapping = MessageMapping()
    zone: str = "Asia/Shanghai"
    enabled: bool = True
    period_s: float = 60.0
    filter: str = ""
    protocol: int = 5
    ca_file: str = ""
    clock_s: float = 300.0
    commands: bool = False

    @property
    def is_encrypted(self) -> bool:
        """Whether what is sent is encrypted on the way."""
        return urlsplit(self.address).scheme in ("mqtts", "https")


def checked(source: LiveSource) -> LiveSource:
    """Return a source that makes sense.

    Raises
    ------
    UserError
        ``live.source.<reason>``: ``kind``, ``address``, ``secret``, ``topics``, ``zone``, ``period``, ``mapping``.
    """
    reason = _fault_of(source)
    if reason:
        raise UserError(f"live.source.{reason}", source=source.name or source.id)
    return source


def host_and_port(source: LiveSource) -> tuple[str, int]:
    """Return host and port of the address of a source that was checked."""
    parts = urlsplit(source.address)
    return parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)


def _fault_of(source: LiveSource) -> str:
    from zoneinfo import ZoneInfo

    if source.kind not in KINDS or not source.id:
        return "kind"
    try:
        parts = urlsplit(source.address)
        if parts.scheme not in SCHEMES[source.kind] or not parts.hostname or parts.port == 0:
            return "address"
    except ValueError:
        return "address"
    if parts.username or parts.password:
        return "secret"
    if source.kind == "mqtt":
        if not source.topics:
            return "topics"
        try:
            for template in source.topics:
                topic_filter(template)
        except UserError:
            return "topics"
    if source.zone:
        try:
            ZoneInfo(source.zone)
        except (ValueError, OSError, KeyError):  # a name that is none, or that nobody knows
            return "zone"
    if not 1 <= source.period_s <= 86_400 or source.protocol not in (4, 5):
        return "period"
    if source.mapping.time_form not in TIME_FORMS or not (source.mapping.value or source.mapping.wide):
        return "mapping"
    return ""
