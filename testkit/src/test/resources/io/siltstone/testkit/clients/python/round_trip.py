"""Creates a topic, produces to it, and reads it in a group: first alone, then with two members."""

import sys
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap, topic, protocol = sys.argv[1:4]
group = topic + "-group"
PARTITIONS = 4
LIMIT_S = 60


def produce(first, end):
    failures = []
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "compression.type": "lz4"})
    for i in range(first, end):
        producer.produce(
            topic, key=f"key{i}", value=f"value{i}", partition=i % PARTITIONS,
            on_delivery=lambda error, _: failures.append(error) if error else None)
        producer.poll(0)
    left = producer.flush(LIMIT_S)
    assert left == 0 and not failures, f"{left} records left, failures: {failures}"


def consumer():
    subscribed = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "group.protocol": protocol,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    })
    subscribed.subscribe([topic])
    return subscribed


def poll(consumers, until, what):
    """Polls all consumers until the condition on what was read holds."""
    seen = []
    deadline = time.monotonic() + LIMIT_S
    while not until(seen):
        assert time.monotonic() < deadline, f"{what}: read {len(seen)}"
        for each in consumers:
            message = each.poll(0.05)
            if message is not None:
                assert not message.error(), message.error()
                seen.append(message.value().decode())
    return seen


def read(consumers, first, end):
    seen = poll(consumers, lambda read: len(read) >= end - first, f"of {end - first} records")
    assert sorted(seen) == sorted(f"value{i}" for i in range(first, end)), f"read {len(seen)}: {seen}"
    for each in consumers:
        each.commit(asynchronous=False)
        each.close()


def balanced(consumers):
    parts = [len(each.assignment()) for each in consumers]
    return all(parts) and sum(parts) == PARTITIONS


admin = AdminClient({"bootstrap.servers": bootstrap})
for future in admin.create_topics([NewTopic(topic, PARTITIONS)]).values():
    future.result(LIMIT_S)
produce(0, 300)
read([consumer()], 0, 300)
pair = [consumer(), consumer()]
again = poll(pair, lambda _: balanced(pair), "until balanced")
assert not again, f"read again what was committed: {again}"
produce(300, 400)
read(pair, 300, 400)
for future in admin.delete_topics([topic]).values():
    future.result(LIMIT_S)
print("ok")
