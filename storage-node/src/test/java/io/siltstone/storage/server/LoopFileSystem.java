package io.siltstone.storage.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small ext4 in a file, mounted as root. A test that has no right to that is skipped. */
final class LoopFileSystem implements AutoCloseable {

    private final Path mountPoint;

    private LoopFileSystem(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    static LoopFileSystem mount(Path folder, long bytes) throws IOException, InterruptedException {
        Path image = folder.resolve("image");
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        Path mountPoint = Files.createDirectories(folder.resolve("mounted"));
        runOrSkip("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
        runOrSkip("mount", "-o", "loop", image.toString(), mountPoint.toString());
        return new LoopFileSystem(mountPoint);
    }

    Path path() {
        return mountPoint;
    }

    /** Others take all the room that is left. */
    void fill() throws IOException {
        byte[] zeros = new byte[4096];
        try (OutputStream ballast = Files.newOutputStream(mountPoint.resolve("ballast-" + System.nanoTime()))) {
            while (true) {
                ballast.write(zeros);
            }
        } catch (IOException full) {
            if (Files.getFileStore(mountPoint).getUsableSpace() > 256 << 10) {
                throw full;
            }
        }
    }

    private static void runOrSkip(String... command) throws InterruptedException {
        String output;
        int exit;
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            exit = process.waitFor();
        } catch (IOException notThere) {
            output = notThere.toString();
            exit = -1;
        }
        assumeTrue(exit == 0, "no file system can be mounted here: " + String.join(" ", command) + ": " + output);
    }

    @Override
    public void close() throws InterruptedException {
        runOrSkip("umount", mountPoint.toString());
    }
}
