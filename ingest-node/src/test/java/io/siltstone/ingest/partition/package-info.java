@NullMarked
package io.siltstone.ingest.partition;

import org.jspecify.annotations.NullMarked;
