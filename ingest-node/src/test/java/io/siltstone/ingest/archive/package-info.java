@NullMarked
package io.siltstone.ingest.archive;

import org.jspecify.annotations.NullMarked;
