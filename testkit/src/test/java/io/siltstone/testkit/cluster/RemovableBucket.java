package io.siltstone.testkit.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder as bucket that can be taken away from the nodes that use it. */
record RemovableBucket(Path folder) {

    String url() {
        return folder.toUri().toString();
    }

    /** Every call of the store fails from now on: where its folder was there is a file. */
    void takeAway() throws IOException {
        Files.move(folder, folder.resolveSibling("away"));
        Files.createFile(folder);
    }

    void giveBack() throws IOException {
        Files.delete(folder);
        Files.move(folder.resolveSibling("away"), folder);
    }
}
