package io.siltstone.log.chain;

import java.util.HexFormat;

/**
 * The newest manifest root of a partition that a compare-and-set has committed.
 *
 * @param root key of the root object in the bucket
 * @param sha256 of the root object's bytes, in lower-case hexadecimal
 * @param epoch the committing owner's epoch
 * @param sequence grows by one with each root
 * @param endOffset the offset after the last one in the bucket
 * @param bytes of all segment objects that the root names
 */
public record ManifestPointer(String root, String sha256, int epoch, long sequence, long endOffset, long bytes) {

    public ManifestPointer {
        if (root.isEmpty() || HexFormat.of().parseHex(sha256).length != 32 || endOffset < 0 || sequence < 0) {
            throw new IllegalArgumentException(
                    "manifest root '" + root + "', SHA-256 '" + sha256 + "', sequence " + sequence);
        }
    }
}
