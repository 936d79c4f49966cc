@NullMarked
package io.siltstone.ingest.connection;

import org.jspecify.annotations.NullMarked;
