package io.siltstone.metadata;

import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.Owner;
import java.util.concurrent.Executor;

/** A node's way to the cluster's metadata: one connection, and the ports that share it. */
public interface Metadata extends AutoCloseable {

    /** The cluster that this process has joined. */
    String clusterId();

    MetadataStore store();

    /** The first use starts watching; its image is complete from the first change that a subscriber hears of. */
    ClusterView view();

    /**
     * The partitions' registers.
     *
     * @param loop where answers are delivered
     */
    ChainStore chainStore(Executor loop);

    /**
     * Stands for election as controller until what is returned is closed, and assigns partitions while elected.
     *
     * @param self the registered incarnation; when it is over, close this candidacy and stand as the next one
     */
    Candidacy runForController(Owner self);

    /** Ends the session: everything that is ephemeral goes. */
    @Override
    void close();

    /** A wish to be controller. */
    interface Candidacy extends AutoCloseable {

        /** Withdraws; another candidate is elected. */
        @Override
        void close();
    }
}
