package io.siltstone.ingest;

import io.siltstone.ingest.partition.Partitions;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.Membership;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.liveness.TcpPeerWatcher;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's place in the cluster: its registration, its candidacy for controller, its watch over peers. Owns one
 * thread.
 *
 * <p>An incarnation ends when the registration is lost: every partition is given up then, and another incarnation
 * registers under the same broker id.
 *
 * <p>Invariant: an attempt to register begins when the outcome of the one before is known, however long that takes. An
 * attempt that was given up might still be carried out, and what it registers would outlive its successor: partitions
 * would be assigned to an incarnation that nobody is.
 */
final class Incarnation {

    private static final Logger LOG = LoggerFactory.getLogger(Incarnation.class);
    private static final long RETRY_MS = 500;
    private static final long LEAVE_PATIENCE_MS = 2_000;

    private final IngestNodeConfig config;
    private final Membership membership;
    private final ClusterView view;
    private final Function<Owner, Metadata.Candidacy> candidacies;
    private final Partitions partitions;
    private final int port;
    private final String httpAddress;
    private final SecureRandom random = new SecureRandom();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread created = new Thread(task, "ingest-membership");
        created.setDaemon(true);
        return created;
    });
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private volatile @Nullable Owner registered;
    /** The last attempt to register; complete when what it led to is done. */
    private volatile CompletableFuture<?> attempt = CompletableFuture.completedFuture(null);

    private Metadata.@Nullable Candidacy candidacy;
    private @Nullable TcpPeerWatcher peers;
    private boolean ending;

    /**
     * An incarnation that nobody sees until it begins.
     *
     * @param candidacies lets a registered incarnation stand for controller
     * @param port of the Kafka protocol, advertised unless the configuration names another
     */
    Incarnation(
            IngestNodeConfig config,
            Membership membership,
            ClusterView view,
            Function<Owner, Metadata.Candidacy> candidacies,
            Partitions partitions,
            int port,
            String httpAddress) {
        this.config = config;
        this.membership = membership;
        this.view = view;
        this.candidacies = candidacies;
        this.partitions = partitions;
        this.port = port;
        this.httpAddress = httpAddress;
    }

    /**
     * Registers, and returns when that is done.
     *
     * @throws IllegalStateException where it is not done in time; it goes on until {@link #end}
     */
    void begin(long patienceMs) {
        thread.execute(this::register);
        try {
            begun.get(patienceMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException notInTime) {
            throw new IllegalStateException(
                    "node " + config.node() + " could not register within " + patienceMs + " ms", notInTime);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while node " + config.node() + " registered", interrupted);
        }
    }

    /** Why no partitions come to this node; empty where it is registered and the cluster shows it. Any thread. */
    Optional<String> problem() {
        Owner owner = registered;
        if (owner == null) {
            return Optional.of("not registered in the cluster");
        }
        return view.image().isLive(owner)
                ? Optional.empty()
                : Optional.of("the cluster does not show this node as " + owner + ", as which it registered");
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
        CompletableFuture<Void> gone = new CompletableFuture<>();
        attempt = membership
                .registerIngestNode(image, () -> gone.complete(null))
                .handleAsync(
                        (done, failure) -> {
                            if (failure == null) {
                                takePart(owner, gone);
                            } else {
                                LOG.warn("Cannot register as {} yet: {}", owner, failure.toString());
                                thread.schedule(this::register, RETRY_MS, TimeUnit.MILLISECONDS);
                            }
                            return null;
                        },
                        thread)
                .exceptionally(failure -> {
                    LOG.error("{} is registered, but takes no full part", owner, failure);
                    begun.completeExceptionally(failure);
                    return null;
                });
    }

    /** @param gone completes when the registration is lost; that may be so already */
    private void takePart(Owner owner, CompletableFuture<Void> gone) {
        registered = owner;
        if (ending) {
            return;
        }
        LOG.info("Registered as {}", owner);
        partitions.start(owner);
        gone.thenRunAsync(() -> lost(owner), thread);
        try {
            candidacy = candidacies.apply(owner);
        } catch (MetadataException cannotStand) {
            LOG.error("{} does not stand for controller", owner, cannotStand);
        }
        try {
            peers = new TcpPeerWatcher(view, membership, owner);
        } catch (IOException noSelector) {
            LOG.warn("Peers are not watched, their sessions alone tell of their end: {}", noSelector.toString());
        }
        begun.complete(null);
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
            membership.setDraining(owner).get(patienceMs, TimeUnit.MILLISECONDS);
            boolean alone = view.image().ingestNodes().values().stream()
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

    /** Leaves the cluster, once. */
    void end() {
        if (thread.isShutdown()) {
            return;
        }
        call(() -> {
            ending = true;
            closeWatches();
        });
        try {
            attempt.get(LEAVE_PATIENCE_MS, TimeUnit.MILLISECONDS);
            Owner owner = registered;
            registered = null;
            if (owner != null) {
                membership.unregisterIngestNode(owner).get(LEAVE_PATIENCE_MS, TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException | TimeoutException unreachable) {
            LOG.warn(
                    "Node {} could not unregister, its session will end by itself: {}",
                    config.node(),
                    unreachable.toString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
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
