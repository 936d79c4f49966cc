/**
 * The manifest of a partition: which objects hold which offsets, as a hash tree of immutable nodes under a chain of
 * roots ({@code docs/formats/manifest.md}).
 */
@NullMarked
package io.siltstone.format.manifest;

import org.jspecify.annotations.NullMarked;
