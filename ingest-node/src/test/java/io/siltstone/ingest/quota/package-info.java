@NullMarked
package io.siltstone.ingest.quota;

import org.jspecify.annotations.NullMarked;
