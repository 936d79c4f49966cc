package io.siltstone.client.source;

import java.util.UUID;

/** A topic whose history can be read; its partitions are numbered from 0. */
public record TopicInfo(String name, UUID id, int partitions) {}
