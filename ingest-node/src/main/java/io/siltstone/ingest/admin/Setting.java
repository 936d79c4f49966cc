package io.siltstone.ingest.admin;

import java.util.List;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;
import org.jspecify.annotations.Nullable;

/**
 * One setting as a client is told it.
 *
 * @param value null where it is sensitive, or has none
 * @param synonyms where values for it come from, the one in force first
 */
record Setting(
        String name,
        @Nullable String value,
        ConfigSource source,
        ConfigType type,
        boolean readOnly,
        boolean sensitive,
        @Nullable String documentation,
        List<Synonym> synonyms) {

    Setting {
        synonyms = List.copyOf(synonyms);
    }

    /** A name that gives the setting a value, and which. */
    record Synonym(String name, @Nullable String value, ConfigSource source) {}
}
