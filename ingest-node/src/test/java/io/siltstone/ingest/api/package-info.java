@NullMarked
package io.siltstone.ingest.api;

import org.jspecify.annotations.NullMarked;
