package io.siltstone.client.source;

import io.siltstone.format.manifest.ManifestRange;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * One segment object that can be read.
 *
 * @param object what the manifest says of it
 * @param link signed link to its bytes, for a while; null where the source reads by key
 */
public record HistoryRange(ManifestRange object, @Nullable URI link) {}
