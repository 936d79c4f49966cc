package io.siltstone.cli.server;

import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a server's process alive until it is told to stop, and closes the server then. */
final class Foreground {
    private static final Logger LOG = LoggerFactory.getLogger(Foreground.class);

    private Foreground() {}

    /** Blocks for as long as the process lives. SIGTERM or Ctrl-C closes the server, then the process ends. */
    static void run(String name, AutoCloseable server) throws InterruptedException {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            LOG.info("{} is stopping", name);
                            try {
                                server.close();
                                LOG.info("{} has stopped", name);
                            } catch (Exception e) {
                                LOG.error("{} did not stop in good order", name, e);
                            }
                        },
                        "stop-" + name));
        LOG.info("{} is ready", name);
        new CountDownLatch(1).await();
    }
}
