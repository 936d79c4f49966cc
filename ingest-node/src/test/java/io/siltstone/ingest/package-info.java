@NullMarked
package io.siltstone.ingest;

import org.jspecify.annotations.NullMarked;
