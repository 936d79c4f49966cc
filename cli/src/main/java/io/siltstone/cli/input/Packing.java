package io.siltstone.cli.input;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipInputStream;

/** How a file is packed: gzip, zip (its first entry), Zstandard or not at all. Told by the magic bytes. */
final class Packing {
    private static final int MAGIC_BYTES = 4;
    private static final int BUFFER_BYTES = 1 << 16;

    private Packing() {}

    static InputStream unpack(InputStream packed, Path file) throws IOException {
        BufferedInputStream in = new BufferedInputStream(packed, BUFFER_BYTES);
        in.mark(MAGIC_BYTES);
        byte[] magic = in.readNBytes(MAGIC_BYTES);
        in.reset();
        if (begins(magic, 0x1f, 0x8b)) {
            return new GZIPInputStream(in, BUFFER_BYTES);
        }
        if (begins(magic, 0x28, 0xb5, 0x2f, 0xfd)) {
            return new ZstdInputStreamNoFinalizer(in);
        }
        if (begins(magic, 'P', 'K', 3, 4)) {
            ZipInputStream zip = new ZipInputStream(in);
            if (zip.getNextEntry() == null) {
                throw new InputException(file + " is a zip file without entries");
            }
            return zip;
        }
        return in;
    }

    private static boolean begins(byte[] bytes, int... magic) {
        if (bytes.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((bytes[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
