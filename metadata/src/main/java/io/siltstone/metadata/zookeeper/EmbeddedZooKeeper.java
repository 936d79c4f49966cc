package io.siltstone.metadata.zookeeper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ZooKeeper server inside this process, for one-machine clusters and tests: one server, data on disk and fsynced,
 * neither admin server nor four-letter words, old snapshots purged every hour.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {

    /** Sessions are told apart to half a second; 3 s of silence end one. */
    public static final int TICK_TIME_MS = 500;

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);
    private static final long START_TIMEOUT_MS = 30_000;

    private final ZooKeeperServerEmbedded server;
    private final String host;
    private final int port;

    private EmbeddedZooKeeper(ZooKeeperServerEmbedded server, String host, int port) {
        this.server = server;
        this.host = host;
        this.port = port;
    }

    /**
     * Starts a server on 127.0.0.1 and returns when it takes connections.
     *
     * @param directory holds its data across restarts; created where it is not there
     * @param port 0 for any free one
     */
    public static EmbeddedZooKeeper start(Path directory, int port) {
        return start(directory, "127.0.0.1", port);
    }

    /** As {@link #start(Path, int)}, on another address. */
    public static EmbeddedZooKeeper start(Path directory, String host, int port) {
        Properties properties = new Properties();
        properties.setProperty("clientPortAddress", host);
        properties.setProperty("clientPort", Integer.toString(port));
        properties.setProperty(
                "dataDir", directory.resolve("data").toAbsolutePath().toString());
        properties.setProperty("tickTime", Integer.toString(TICK_TIME_MS));
        properties.setProperty("admin.enableServer", "false");
        properties.setProperty("4lw.commands.whitelist", "");
        properties.setProperty("maxClientCnxns", "0");
        properties.setProperty("autopurge.snapRetainCount", "3");
        properties.setProperty("autopurge.purgeInterval", "1");
        try {
            Files.createDirectories(directory.resolve("data"));
            ZooKeeperServerEmbedded server = ZooKeeperServerEmbedded.builder()
                    .baseDir(directory)
                    .configuration(properties)
                    .exitHandler(ExitHandler.LOG_ONLY)
                    .build();
            removeGeneratedConfigurations(directory);
            server.start(START_TIMEOUT_MS);
            String bound = server.getConnectionString();
            return new EmbeddedZooKeeper(server, host, Integer.parseInt(bound.substring(bound.lastIndexOf(':') + 1)));
        } catch (IOException failure) {
            throw new UncheckedIOException("ZooKeeper cannot use " + directory, failure);
        } catch (Exception failure) {
            throw new IllegalStateException(
                    "ZooKeeper did not start on " + host + ":" + port + " with data in " + directory, failure);
        }
    }

    /** What clients connect to. */
    public String connectString() {
        return host + ":" + port;
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        server.close();
    }

    /** The server writes its configuration to a new file at each start and never reads it again. */
    private static void removeGeneratedConfigurations(Path directory) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "zookeeper.configuration*.properties")) {
            for (Path file : files) {
                Files.delete(file);
            }
        } catch (IOException failure) {
            LOG.debug("A generated configuration stays in {}", directory, failure);
        }
    }
}
