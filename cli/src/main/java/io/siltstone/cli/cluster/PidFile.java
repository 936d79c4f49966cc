package io.siltstone.cli.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.OptionalLong;

/**
 * The file that tells the process id of a running node. The server's own JVM writes it, so that it is right however
 * the node was started, and takes it away when it stops cleanly; a killed node leaves it behind, so a reader asks
 * {@link NodeProcess} whether the process still is that node.
 */
public record PidFile(Path path) {

    /** Writes this JVM's id, and removes the file again when the JVM ends in good order. */
    public void hold() {
        write(ProcessHandle.current().pid());
        Runtime.getRuntime().addShutdownHook(new Thread(this::release, "pid-file"));
    }

    void write(long pid) {
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        try {
            Files.writeString(temporary, pid + "\n");
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("could not write the pid file " + path, e);
        }
    }

    /** The id in the file; empty where there is no file or it holds no number. */
    public OptionalLong read() {
        try {
            String text = Files.readString(path).strip();
            return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("could not read the pid file " + path, e);
        }
    }

    /** Removes the file. */
    public void remove() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("could not remove the pid file " + path, e);
        }
    }

    /** A restarted node may already have written its own id: that one stays. */
    private void release() {
        OptionalLong written = read();
        if (written.isPresent()
                && written.getAsLong() == ProcessHandle.current().pid()) {
            remove();
        }
    }
}
