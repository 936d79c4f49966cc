package io.siltstone.cli.demo;

import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectLister;

/**
 * What the objects under a prefix of a bucket take.
 *
 * @param objects how many there are
 * @param bytes of all of them
 */
record BucketUse(long objects, long bytes) {
    private static final int PAGE = 1_000;

    /** Lists the bucket, page by page. */
    static BucketUse of(ObjectLister bucket, String prefix) {
        long objects = 0;
        long bytes = 0;
        String after = null;
        ObjectLister.Page page;
        do {
            page = bucket.list(prefix, after, PAGE).join();
            for (ObjectInfo object : page.objects()) {
                objects++;
                bytes += object.bytes();
                after = object.key();
            }
        } while (page.more());
        return new BucketUse(objects, bytes);
    }
}
