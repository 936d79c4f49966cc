package io.siltstone.cli.history;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong with the objects of a bucket that is a folder.
 *
 * @param what told in the test's name
 * @param keys one of which must be named
 * @param block that must be named; null where the damage lies in no block
 */
record Damage(String what, Set<String> keys, @Nullable Block block, Act act, Act undo) {

    /** Where in an object: its number from 0, and its offsets, the second exclusive. */
    record Block(int number, long baseOffset, long endOffset) {}

    /** Changes files. */
    interface Act {
        void in(Path bucket) throws IOException;
    }

    static Damage flip(String kind, String key, long position, int bit, @Nullable Block block) {
        Act flip = bucket -> {
            try (RandomAccessFile file =
                    new RandomAccessFile(bucket.resolve(key).toFile(), "rw")) {
                file.seek(position);
                int old = file.read();
                file.seek(position);
                file.write(old ^ 1 << bit);
            }
        };
        return new Damage(
                "flip bit " + bit + " of byte " + position + " of " + kind + " " + key, Set.of(key), block, flip, flip);
    }

    static Damage swap(String kind, String key, String other) {
        Act swap = bucket -> {
            Path first = bucket.resolve(key);
            Path second = bucket.resolve(other);
            Path aside = bucket.resolve(".aside");
            Files.move(first, aside);
            Files.move(second, first);
            Files.move(aside, second);
        };
        return new Damage("swap " + kind + " " + key + " and " + other, Set.of(key, other), null, swap, swap);
    }

    /** @param shown keys that may be named: of what is gone, or of what tells that it is */
    static Damage remove(String kind, Collection<String> keys, Set<String> shown) {
        return new Damage(
                "remove " + kind + " " + keys,
                shown,
                null,
                bucket -> {
                    Path aside = Files.createDirectory(bucket.resolveSibling("aside"));
                    for (String key : keys) {
                        Files.move(bucket.resolve(key), aside.resolve(key.replace('/', ' ')));
                    }
                },
                bucket -> {
                    Path aside = bucket.resolveSibling("aside");
                    for (String key : keys) {
                        Files.move(aside.resolve(key.replace('/', ' ')), bucket.resolve(key));
                    }
                    Files.delete(aside);
                });
    }

    @Override
    public String toString() {
        return what;
    }
}
