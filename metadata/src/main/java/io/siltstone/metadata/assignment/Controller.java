package io.siltstone.metadata.assignment;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.ChainStore.CasResult;
import io.siltstone.log.chain.ChainStore.ReadResult;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.ClusterChange;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.TopicImage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the assignment out while this process is elected: it sets who each partition is assigned to, and nothing else
 * of the partition. Confined to one thread, on which the image's changes, the registers' answers and the timers arrive.
 *
 * <p>A partition without an eligible node (new, its node gone or draining) is placed at once; evenness is restored when
 * no node has come for a short calm. Each decision is a compare-and-set of that partition's register, so a second
 * controller, or one that does not know yet that it is none, does no harm.
 *
 * <p>Invariants: at most one attempt per partition and {@link Settings#maxInFlight} in all are under way; {@code wanted}
 * holds what was decided and is not yet seen in the image.
 */
public final class Controller {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

    private final ChainStore chains;
    private final Timers timers;
    private final Settings settings;
    private final Map<PartitionId, Owner> wanted = new HashMap<>();
    private final Map<PartitionId, Integer> wonVersions = new HashMap<>();
    private final Set<PartitionId> inFlight = new HashSet<>();
    private final Deque<PartitionId> queue = new ArrayDeque<>();
    private @Nullable ClusterImage image;
    private Timers.@Nullable Timer calm;
    private long term;

    /**
     * What may be tuned.
     *
     * @param maxInFlight compare-and-sets under way at once
     * @param calmMs how long no node must have come before evenness is restored
     * @param retryMs until a register that could not be reached is asked again
     */
    public record Settings(int maxInFlight, long calmMs, long retryMs) {

        public static final Settings DEFAULT = new Settings(256, 1_000, 100);

        public Settings {
            if (maxInFlight < 1 || calmMs < 0 || retryMs < 1) {
                throw new IllegalArgumentException("controller settings: " + maxInFlight + " in flight, calm of "
                        + calmMs + " ms, retry after " + retryMs + " ms");
            }
        }
    }

    public Controller(ChainStore chains, Timers timers, Settings settings) {
        this.chains = chains;
        this.timers = timers;
        this.settings = settings;
    }

    public boolean isLeading() {
        return image != null;
    }

    /** This process is elected. */
    public void lead(ClusterImage newest) {
        resign();
        image = newest;
        place(newest);
        balanceAfterCalm();
    }

    /** This process is elected no more: it decides nothing, and answers still to come are ignored. */
    public void resign() {
        term++;
        image = null;
        wanted.clear();
        wonVersions.clear();
        inFlight.clear();
        queue.clear();
        if (calm != null) {
            calm.cancel();
            calm = null;
        }
    }

    /** The cluster's image changed; ignored while not elected. */
    public void changed(ClusterChange change) {
        if (image == null) {
            return;
        }
        ClusterImage newest = change.after();
        Set<Owner> before = eligible(image);
        image = newest;
        change.partitions().forEach(this::settle);
        Set<Owner> now = change.ingestNodes() ? eligible(newest) : before;
        if (!now.containsAll(before) || (before.isEmpty() && !now.isEmpty()) || anyHomeless(newest, change, now)) {
            place(newest);
        }
        if (!before.containsAll(now)) {
            balanceAfterCalm();
        }
    }

    /** Decisions that are not yet seen in the image. */
    int undecided() {
        return wanted.size();
    }

    private void balanceAfterCalm() {
        if (calm != null) {
            calm.cancel();
        }
        calm = timers.schedule(settings.calmMs(), () -> {
            calm = null;
            if (image != null) {
                apply("even", Assignment.balance(current(image), eligible(image)));
            }
        });
    }

    private void place(ClusterImage newest) {
        apply("placed", Assignment.place(current(newest), eligible(newest)));
    }

    private boolean anyHomeless(ClusterImage newest, ClusterChange change, Set<Owner> nodes) {
        return change.partitions().stream().anyMatch(partition -> isHomeless(newest, partition, nodes))
                || change.topics().stream()
                        .flatMap(id -> newest.topic(id).stream())
                        .anyMatch(topic -> {
                            for (int i = 0; i < topic.partitionCount(); i++) {
                                if (isHomeless(newest, new PartitionId(topic.id(), i), nodes)) {
                                    return true;
                                }
                            }
                            return false;
                        });
    }

    private boolean isHomeless(ClusterImage newest, PartitionId partition, Set<Owner> nodes) {
        TopicImage topic = newest.topicsById().get(partition.topic());
        PartitionImage known = newest.partitions().get(partition);
        if (topic == null || known == null || partition.partition() >= topic.partitionCount()) {
            return false;
        }
        Owner owner = wanted.getOrDefault(partition, known.state().assigned());
        return owner == null || !nodes.contains(owner);
    }

    /** Every partition of every topic with the node it has, or will have when what is under way is done. */
    private Map<PartitionId, @Nullable Owner> current(ClusterImage newest) {
        Map<PartitionId, @Nullable Owner> current = new HashMap<>();
        for (TopicImage topic : newest.topics().values()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                PartitionId partition = new PartitionId(topic.id(), i);
                PartitionImage known = newest.partitions().get(partition);
                if (known != null) {
                    Owner decided = wanted.get(partition);
                    current.put(
                            partition, decided != null ? decided : known.state().assigned());
                }
            }
        }
        return current;
    }

    private static Set<Owner> eligible(ClusterImage image) {
        return image.ingestNodes().values().stream()
                .filter(node -> !node.draining())
                .map(IngestNodeImage::owner)
                .collect(Collectors.toSet());
    }

    private void apply(String why, Map<PartitionId, Owner> moves) {
        if (moves.isEmpty()) {
            return;
        }
        LOG.info("Assigning {} partitions ({})", moves.size(), why);
        moves.forEach((partition, owner) -> {
            wanted.put(partition, owner);
            wonVersions.remove(partition);
            if (!inFlight.contains(partition)) {
                queue.add(partition);
            }
        });
        pump();
    }

    private void pump() {
        while (inFlight.size() < settings.maxInFlight() && !queue.isEmpty()) {
            PartitionId partition = queue.remove();
            PartitionImage known = image == null ? null : image.partitions().get(partition);
            if (known == null) {
                wanted.remove(partition);
            } else if (wanted.containsKey(partition) && inFlight.add(partition)) {
                attempt(partition, known.state(), known.version());
            }
        }
    }

    private void attempt(PartitionId partition, PartitionState state, int version) {
        Owner target = wanted.get(partition);
        if (target == null || target.equals(state.assigned())) {
            done(partition, version);
            return;
        }
        long asked = term;
        chains.compareAndSet(partition, version, state.assignedTo(target), result -> {
            if (term != asked) {
                return;
            }
            if (result instanceof CasResult.Won won && target.equals(wanted.get(partition))) {
                done(partition, won.version());
            } else {
                read(partition);
            }
        });
    }

    private void read(PartitionId partition) {
        long asked = term;
        chains.read(partition, result -> {
            if (term != asked) {
                return;
            }
            if (result instanceof ReadResult.Found found) {
                attempt(partition, found.state(), found.version());
            } else if (result instanceof ReadResult.Missing) {
                wanted.remove(partition);
                done(partition, Integer.MAX_VALUE);
            } else {
                timers.schedule(settings.retryMs(), () -> {
                    if (term == asked) {
                        read(partition);
                    }
                });
            }
        });
    }

    private void done(PartitionId partition, int version) {
        inFlight.remove(partition);
        if (wanted.containsKey(partition)) {
            wonVersions.put(partition, version);
            settle(partition);
        }
        pump();
    }

    /** Forgets a decision once the image is as new as the register that holds it, or the partition is gone. */
    private void settle(PartitionId partition) {
        PartitionImage known = image == null ? null : image.partitions().get(partition);
        Integer won = wonVersions.get(partition);
        if (known == null || (won != null && known.version() >= won)) {
            wanted.remove(partition);
            wonVersions.remove(partition);
        }
    }
}
