/**
 * The node's HTTP interface: health and metrics, and history, which clients read straight from the bucket by the signed
 * links that are handed out here ({@code docs/formats/history-api.md}). The one place that uses Javalin.
 */
@NullMarked
package io.siltstone.ingest.http;

import org.jspecify.annotations.NullMarked;
