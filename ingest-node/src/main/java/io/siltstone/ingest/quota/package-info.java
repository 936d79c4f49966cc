/**
 * Slows producers while the storage disks fill faster than the bucket empties them (rule 13). The decisions are pure;
 * {@link io.siltstone.ingest.quota.ProduceQuota} carries them out. Knows the cluster's image, nothing of requests.
 */
@NullMarked
package io.siltstone.ingest.quota;

import org.jspecify.annotations.NullMarked;
