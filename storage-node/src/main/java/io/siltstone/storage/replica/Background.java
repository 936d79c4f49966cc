package io.siltstone.storage.replica;

import java.io.IOException;
import java.util.function.Consumer;

/** Port: work that takes long, off the core's thread, one piece after the other. */
public interface Background {

    /** Does it at once, on the calling thread. */
    Background INLINE = new Background() {
        @Override
        public <T> void run(Work<T> work, Consumer<T> done, Consumer<IOException> failed) {
            T result;
            try {
                result = work.run();
            } catch (IOException failure) {
                failed.accept(failure);
                return;
            }
            done.accept(result);
        }
    };

    /** A piece of work. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does the work; then one of the two is called on the core's thread. In the simulation at once.
     *
     * @param failed the disk failed; who passes it decides whether the node can go on
     */
    <T> void run(Work<T> work, Consumer<T> done, Consumer<IOException> failed);
}
