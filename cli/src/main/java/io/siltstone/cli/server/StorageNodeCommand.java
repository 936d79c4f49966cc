package io.siltstone.cli.server;

import io.siltstone.cli.UsageException;
import io.siltstone.storage.StorageNode;
import io.siltstone.storage.StorageNodeConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code siltstone storage-node}: one storage node in the foreground. */
@Command(
        name = "storage-node",
        mixinStandardHelpOptions = true,
        description = {
            "Runs one storage node in the foreground, one per disk.",
            "Needs the properties node.id, data.dir and zookeeper.connect; a wrong key is answered with all there are."
        })
public final class StorageNodeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(StorageNodeCommand.class);
    static final int DISK_FAILED = 70;

    @Mixin
    private ServerOptions options;

    @Override
    public Integer call() throws IOException, InterruptedException {
        StorageNodeConfig config = config();
        options.holdPidFile();
        StorageNode node = StorageNode.start(config, StorageNodeCommand::halt);
        Foreground.run("storage-node", node);
        return 0;
    }

    private StorageNodeConfig config() {
        try {
            return StorageNodeConfig.of(options.properties(), System.getenv());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /** A disk that failed an fsync must not be served for another moment: the process ends without any clean-up. */
    private static void halt(Throwable failure) {
        LOG.error("The disk failed, this process ends at once", failure);
        Runtime.getRuntime().halt(DISK_FAILED);
    }
}
