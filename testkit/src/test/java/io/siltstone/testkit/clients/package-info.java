/** Kafka clients of other makes and versions against a real cluster; each skips where the machine lacks it. */
@NullMarked
package io.siltstone.testkit.clients;

import org.jspecify.annotations.NullMarked;
