package io.siltstone.format.segment;

import java.util.UUID;

/** Which segments of which partition an object holds; known before its first batch. */
public record SegmentSource(
        String topicName, UUID topic, int partition, long firstSegment, long lastSegment, long baseOffset) {}
