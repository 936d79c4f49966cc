package io.siltstone.tiering.upload;

import io.siltstone.log.writer.ChainChange;
import io.siltstone.log.writer.UpdateResult;
import java.util.function.Consumer;

/** Port: changes the partition's znode as its owner; {@code PartitionLog.update} is one. */
@FunctionalInterface
public interface Commit {

    /** Answers on the partition's event loop, or never once the ownership is over. */
    void update(ChainChange change, Consumer<UpdateResult> done);
}
