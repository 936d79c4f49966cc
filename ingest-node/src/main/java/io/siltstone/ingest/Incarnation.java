package io.siltstone.ingest;

import io.siltstone.ingest.partition.Partitions;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.liveness.TcpPeerWatcher;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's place in the cluster: its registration, its candidacy for controller, its watch over peers. Owns one
 * thread.
 *
 * <p>An incarnation ends when the registration is lost: every partition is given up then, and another incarnation
 * registers under the same broker id.
 */
final class Incarnation {

    private static final Logger LOG = LoggerFactory.getLogger(Incarnation.class);
    private static final long REGISTER_TIMEOUT_MS = 20_000;
    private static final long RETRY_MS = 500;

    private final IngestNodeConfig config;
    private final Metadata metadata;
    private final Partitions partitions;
    private final int port;
    private final String httpAddress;
    private final SecureRandom random = new SecureRandom();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread created = new Thread(task, "ingest-membership");
        created.setDaemon(true);
        return created;
    });
    private volatile @Nullable Owner registered;
    private Metadata.@Nullable Candidacy candidacy;
    private @Nullable TcpPeerWatcher peers;
    private boolean ending;

    Incarnation(IngestNodeConfig config, Metadata metadata, Partitions partitions, int port, String httpAddress) {
        this.config = config;
        this.metadata = metadata;
        this.partitions = partitions;
        this.port = port;
        this.httpAddress = httpAddress;
    }

    /** Registers, and returns when that is done. */
    void begin() {
        call(this::register);
        if (!isRegistered()) {
            throw new IllegalStateException(
                    "node " + config.node() + " could not register within " + REGISTER_TIMEOUT_MS + " ms");
        }
    }

    boolean isRegistered() {
        return registered != null;
    }

    private void register() {
        if (ending) {
            return;
        }
        Owner owner = new Owner(config.node(), random.nextLong());
        IngestNodeImage image = new IngestNodeImage(
                owner,
                config.advertisedHost(),
                config.advertisedPort() == 0 ? port : config.advertisedPort(),
                httpAddress,
                config.zone(),
                false);
        try {
            metadata.store()
                    .registerIngestNode(image, () -> thread.execute(() -> lost(owner)))
                    .get(REGISTER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            LOG.warn("Cannot register as {} yet: {}", owner, failed.toString());
            thread.schedule(this::register, RETRY_MS, TimeUnit.MILLISECONDS);
            return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return;
        }
        registered = owner;
        partitions.start(owner);
        candidacy = metadata.runForController(owner);
        try {
            peers = new TcpPeerWatcher(metadata.view(), metadata.store(), owner);
        } catch (IOException noSelector) {
            LOG.warn("Peers are not watched, their sessions alone tell of their end: {}", noSelector.toString());
        }
        LOG.info("Registered as {}", owner);
    }

    private void lost(Owner owner) {
        if (!owner.equals(registered) || ending) {
            return;
        }
        LOG.warn("The registration of {} is lost, its partitions are given up", owner);
        registered = null;
        partitions.abandonAll();
        closeWatches();
        register();
    }

    /** Lets the controller assign this node's partitions elsewhere and waits until they are handed over. */
    void drain(long patienceMs) {
        Owner owner = registered;
        if (owner == null) {
            return;
        }
        call(() -> ending = true);
        try {
            metadata.store().setDraining(owner).get(patienceMs, TimeUnit.MILLISECONDS);
            boolean alone = metadata.view().image().ingestNodes().values().stream()
                    .allMatch(node -> node.owner().equals(owner) || node.draining());
            var released = partitions.whenAllReleased();
            if (alone) {
                partitions.releaseAll();
            }
            released.get(patienceMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException incomplete) {
            LOG.warn("Not every partition was handed over in {} ms: {}", patienceMs, incomplete.toString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Leaves the cluster. */
    void end() {
        call(() -> {
            ending = true;
            closeWatches();
        });
        Owner owner = registered;
        registered = null;
        if (owner != null) {
            try {
                metadata.store().unregisterIngestNode(owner).get(RETRY_MS * 4, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException unreachable) {
                LOG.warn("{} could not unregister, its session will end by itself: {}", owner, unreachable.toString());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        thread.shutdownNow();
    }

    private void closeWatches() {
        if (candidacy != null) {
            candidacy.close();
            candidacy = null;
        }
        if (peers != null) {
            peers.close();
            peers = null;
        }
    }

    private void call(Runnable action) {
        try {
            thread.submit(action).get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
