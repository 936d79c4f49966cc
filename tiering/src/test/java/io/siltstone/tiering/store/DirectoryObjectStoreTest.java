package io.siltstone.tiering.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryObjectStoreTest extends ObjectStoreContract {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path root;

    @SuppressWarnings("NullAway.Init")
    private DirectoryObjectStore store;

    @BeforeEach
    void open() {
        store = new DirectoryObjectStore(root);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Test
    void leavesNoTemporaryFileBehind() throws Exception {
        store.putIfAbsent("a/b", Unpooled.wrappedBuffer(new byte[10])).get(10, TimeUnit.SECONDS);
        store.putIfAbsent("a/b", Unpooled.wrappedBuffer(new byte[11])).get(10, TimeUnit.SECONDS);
        try (Stream<Path> files = Files.list(root.resolve(".uploads"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void removesFoldersThatDeletionEmptied() throws Exception {
        store.putIfAbsent("a/b/c", Unpooled.wrappedBuffer(new byte[10])).get(10, TimeUnit.SECONDS);
        store.delete("a/b/c").get(10, TimeUnit.SECONDS);
        assertThat(root.resolve("a")).doesNotExist();
    }
}
